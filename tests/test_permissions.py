"""The access table: every address, admin page and model is tried with every role; an unlisted one fails."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from documents.models import Print
from editions.actions import publish
from editions.load import load
from foundation import tokens
from foundation.evidence.sealing import seal_next
from foundation.mail.planning import plan
from foundation.models import Membership, Register, ServiceToken, User
from foundation.permissions import Role
from foundation.rows import RegisterRow
from tests.conftest import example, printed, settings_of_files, signed_in

NOBODY, CLERK, STRANGER = "nobody", "clerk", "stranger"  # not signed in; in no register; a DPO elsewhere
DPO, STAFF, AUDITOR, ADMINISTRATOR = Role.DPO.value, Role.STAFF.value, Role.AUDITOR.value, Role.ADMINISTRATOR.value
PEOPLE = (NOBODY, CLERK, STRANGER, DPO, STAFF, AUDITOR, ADMINISTRATOR)

A_DAY = timedelta(days=1)
SIGN_IN, OK, REFUSED, ABSENT = 302, 200, 403, 404


def statuses(default: int, **others: int) -> dict[str, int]:
    return {NOBODY: SIGN_IN, **{person: default for person in PEOPLE if person != NOBODY}, **others}


READERS = {DPO: OK, STAFF: OK, AUDITOR: OK}
EVIDENCE_READERS = {DPO: OK, AUDITOR: OK}
OFFICE = {DPO: OK, STAFF: OK, ADMINISTRATOR: OK, STRANGER: OK}  # the admin opens; what stands in it is another matter

ADDRESSES = {
    "account_login": dict.fromkeys(PEOPLE, 302) | {NOBODY: OK},
    "account_inactive": dict.fromkeys(PEOPLE, OK),
    "account_reset_password": dict.fromkeys(PEOPLE, OK),
    "account_reset_password_done": dict.fromkeys(PEOPLE, OK),
    "account_reset_password_from_key": dict.fromkeys(PEOPLE, OK),  # a page that says the link is spent
    "account_reset_password_from_key_done": dict.fromkeys(PEOPLE, OK),
    "account_logout": dict.fromkeys(PEOPLE, 405),
    "mfa_authenticate": dict.fromkeys(PEOPLE, 302),  # opens between the password and the second factor only
    "account": statuses(OK),
    "mfa_index": statuses(OK),
    "account_sessions": statuses(OK),
    "account_change_password": statuses(302),  # these people have no password: they are led to set one
    "account_set_password": statuses(OK),
    "account_reauthenticate": statuses(REFUSED),  # nor have they anything to confirm with
    "mfa_reauthenticate": statuses(REFUSED),
    "mfa_activate_totp": statuses(OK),
    "mfa_deactivate_totp": statuses(ABSENT),
    "mfa_generate_recovery_codes": statuses(OK),
    "mfa_view_recovery_codes": statuses(ABSENT),
    "mfa_download_recovery_codes": statuses(ABSENT),
    # single sign-on and passkeys do not exist before they are switched on
    **{name: dict.fromkeys(PEOPLE, ABSENT) for name in ("openid_connect_login", "openid_connect_callback")},
    "mfa_login_webauthn": dict.fromkeys(PEOPLE, ABSENT),
    **{name: statuses(ABSENT) for name in ("mfa_add_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn")},
    "home": statuses(OK),
    "audit": statuses(OK),
    "evidence": statuses(OK),
    "evidence-checkpoint": statuses(ABSENT, **EVIDENCE_READERS, stranger=OK),  # a DPO elsewhere: it names no register
    "evidence-receipt": statuses(ABSENT, **EVIDENCE_READERS),
    "evidence-export": statuses(ABSENT, **EVIDENCE_READERS),
    "register-editions": statuses(ABSENT, **READERS),
    "edition-json": statuses(ABSENT, **READERS),
    "print-download": statuses(ABSENT, **READERS),
    "admin:index": statuses(REFUSED, **OFFICE),
    "admin:login": dict.fromkeys(PEOPLE, 302),
    "admin:jsi18n": statuses(REFUSED, **OFFICE),
    # whoever keeps no retention, an administrator included, is refused; a DPO elsewhere reads of their own register
    **{
        f"admin:retention_{name}": statuses(REFUSED, **{DPO: OK, STRANGER: OK})
        for name in ("due", "due_csv", "coverage", "promises")
    },
}
TRIED_ELSEWHERE = {
    "health-live": "tests/watch: anyone may ask, and learns no more than a few words",
    "health-ready": "tests/watch: the same",
    "admin:autocomplete": "tests/office: what it offers is limited to the register",
    "admin:app_list": "tests/office: lists what the index lists",
    "admin:foundation_register_publish": "below, with the actions",
    "admin:editions_edition_print": "below, with the actions",
    "admin:auth_user_password_change": "tests/office: passwords",
    "admin:subjects_rightsrequest_close": "tests/subjects/test_requests.py",
    "admin:subjects_subjectrecord_import": "tests/subjects/test_importing.py",
    "admin:subjects_subjectrecord_confirm": "tests/subjects/test_importing.py",
    "admin:foundation_mail_decide": "tests/mail: whoever may change mails decides",
    "admin:foundation_servicetoken_revoke": "tests/api/test_token_pages.py",
    "admin:retention_due_ask": "tests/retention/pages: asks for counts in one's own registers only",
    **{
        f"admin:retention_{name}": "tests/retention/pages: only who keeps the retention of the row's register acts"
        for name in (
            "datasource_test",
            "datasource_schema",
            "target_preview",
            "target_arm",
            "target_disarm",
            "target_run",
            "run_stop",
            "legalhold_release",
            "decision_withdraw",
            "retentionrule_decide",
        )
    },
}
TRIED_WITH_TOKENS = "api:"  # tests/api/test_access.py tries every operation with every role, scope and register

ENTRY = {"view": {DPO}, "add": {DPO}, "change": {DPO}, "delete": {DPO}}
READ_BY = {
    "entries": ENTRY,
    "editions": {"view": {DPO, STAFF, AUDITOR}, "add": {DPO}, "change": set(), "delete": set()},
    "evidence": {"view": {DPO, AUDITOR}, "add": set(), "change": set(), "delete": set()},
    "history": {"view": {DPO}, "add": set(), "change": set(), "delete": set()},
    "mails": {"view": {DPO}, "add": set(), "change": {DPO}, "delete": set()},
    "jobs": {"view": {DPO, ADMINISTRATOR}, "add": set(), "change": {DPO, ADMINISTRATOR}, "delete": set()},
    "halts": {
        "view": {DPO, ADMINISTRATOR},
        "add": {DPO, ADMINISTRATOR},
        "change": set(),
        "delete": {DPO, ADMINISTRATOR},
    },
    "retention": ENTRY,
    "records": {"view": {DPO, STAFF}, "add": {DPO, STAFF}, "change": {DPO, STAFF}, "delete": {DPO}},
    "requests": {"view": {DPO, STAFF}, "add": {DPO, STAFF}, "change": {DPO, STAFF}, "delete": set()},
    "runs": {"view": {DPO}, "add": set(), "change": {DPO}, "delete": set()},
    "tokens": {"view": {DPO, ADMINISTRATOR}, "add": {DPO}, "change": {DPO, ADMINISTRATOR}, "delete": set()},
    "memberships": {
        "view": {DPO, ADMINISTRATOR},
        "add": {ADMINISTRATOR},
        "change": {ADMINISTRATOR},
        "delete": {ADMINISTRATOR},
    },
}
MODELS = {
    "foundation.event": "evidence",
    "foundation.change": "history",
    "foundation.membership": "memberships",
    "foundation.job": "jobs",
    "foundation.mail": "mails",
    "foundation.halt": "halts",
    "foundation.servicetoken": "tokens",
    "editions.edition": "editions",
    "documents.print": "editions",
    **dict.fromkeys(
        (
            "retention.retentionsettings",
            "retention.decision",
            "retention.legalhold",
            "retention.notexecutable",
            "retention.datasource",
            "retention.target",
            "retention.targetevent",
            "retention.targetchild",
            "retention.targetcolumn",
        ),
        "retention",
    ),
    "subjects.subjectrecord": "records",
    "subjects.statechange": "records",
    "subjects.contactevent": "records",
    "subjects.recordimport": "records",
    "subjects.rightsrequest": "requests",
    "retention.preview": "runs",
    "retention.arming": "runs",
    "retention.run": "runs",
    "retention.batch": "runs",
    "retention.erasurelist": "runs",
    # people and registers are tried by themselves below
    "foundation.user": None,
    "foundation.pulse": None,
    # seals over all registers at once: of no register, read by no role
    "foundation.checkpoint": None,
    "foundation.leaf": None,
    "foundation.register": None,
    "foundation.key": None,  # nobody sees keys: they are the operator's, by command
}
THIRD_PARTY = {"admin", "auth", "contenttypes", "sessions", "account", "mfa", "usersessions", "socialaccount"}


def resource_of(model) -> str | None:
    return "entries" if issubclass(model, RegisterRow) else MODELS[model._meta.label_lower]


@pytest.fixture(scope="module")
def everything(kept, tmp_path_factory) -> Path:
    """The people around one full register, which has an edition and a finished print; return the folder of its file."""
    folder = tmp_path_factory.mktemp("files")
    with override_settings(**settings_of_files(folder)):
        kept(make_everything)
    return folder


def make_everything() -> None:
    register = load(example("sofacto"))
    elsewhere = Register.objects.create(slug="elsewhere", name="Registre secret d’Ailleurs")
    User.objects.create_user(f"{CLERK}@nowhere.example")
    for person, where in {**{role.value: register for role in Role}, STRANGER: elsewhere}.items():
        user = User.objects.create_user(f"{person}@{where.slug}.example")
        Membership.objects.create(user=user, register=where, role=Role.DPO if person == STRANGER else person)
    edition = publish(register, actor=None, at=timezone.now())
    printed(edition, content=b"%PDF-1.7 test")
    plan(to=["jane.doe@people.example"], subject="A", body="a", slot="test", register=register)
    token = ServiceToken(register=register, name="t", scopes=["editions:view"], expires_at=timezone.now() + A_DAY)
    tokens.make(token, by=User.objects.get(email=f"{DPO}@sofacto.example"), at=timezone.now())
    seal_next(timezone.now())


@pytest.fixture
def world(everything, db, settings) -> dict[str, User | None]:
    settings.STORAGES = settings_of_files(everything)["STORAGES"]
    users = {user.email.partition("@")[0]: user for user in User.objects.all()}
    return {person: users.get(person) for person in PEOPLE}


def arguments(name: str) -> list[object]:
    match name:
        case "evidence-receipt":
            return [Register.objects.get(slug="sofacto").events.earliest("pk").pk]
        case "register-editions" | "evidence-export":
            return ["sofacto"]
        case "edition-json":
            return [Register.objects.get(slug="sofacto").editions.get().pk]
        case "print-download":
            return [Print.objects.get().pk]
        case "account_reset_password_from_key":
            return ["1", "spent-0123456789abcdef"]
        case "openid_connect_login" | "openid_connect_callback":
            return ["oidc"]
        case "mfa_remove_webauthn":
            return [1]
        case _:
            return []


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield space + pattern.name


def is_model_page(name: str) -> bool:
    pages = ("changelist", "add", "change", "delete", "history")
    return any(
        name == f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin.site._registry
        for page in pages
    )


def test_every_address_is_in_the_table():
    found = {name for name in names(get_resolver()) if not is_model_page(name)}
    unlisted = found - set(ADDRESSES) - set(TRIED_ELSEWHERE)
    assert {name for name in unlisted if not name.startswith(TRIED_WITH_TOKENS)} == set()


def test_every_model_is_in_the_table():
    ours = [model for model in apps.get_models() if model._meta.app_label not in THIRD_PARTY]
    assert {m._meta.label_lower for m in ours if not issubclass(m, RegisterRow)} == set(MODELS)
    assert all(hasattr(model.objects, "visible_to") for model in ours if resource_of(model) is not None)


def test_each_address_answers_each_person_as_the_table_says(world):
    clients = {person: signed_in(user) for person, user in world.items()}
    found = {
        name: {
            person: client.get(reverse(name, args=arguments(name))).status_code for person, client in clients.items()
        }
        for name in ADDRESSES
    }
    assert found == ADDRESSES


def test_each_model_shows_its_rows_as_the_table_says(world):
    wrong = []
    for model in apps.get_models():
        if model._meta.app_label in THIRD_PARTY or resource_of(model) is None:
            continue
        rows = READ_BY[resource_of(model)]
        for person, user in world.items():
            if user is None or not model.objects.filter(register__slug="sofacto").exists():
                continue
            sees = model.objects.visible_to(user).filter(register__slug="sofacto").exists()
            if sees != (person in rows["view"]):
                wrong.append((model._meta.label, person, sees))
            for verb, allowed in rows.items():
                may = user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}")
                if may != (person in allowed or (person == STRANGER and DPO in allowed)):
                    wrong.append((model._meta.label, person, verb, may))
    assert wrong == []


def test_each_admin_page_opens_for_those_of_the_table_only(world):
    wrong = []
    clients = {person: signed_in(user) for person, user in world.items()}
    for model in admin.site._registry:
        if resource_of(model) is None:
            continue
        rows = READ_BY[resource_of(model)]
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model.objects.filter(register__slug="sofacto").first()
        for person, client in clients.items():
            in_office = person in OFFICE
            as_role = DPO if person == STRANGER else person
            listing = client.get(reverse(f"{base}_changelist")).status_code
            expected = OK if in_office and as_role in rows["view"] else SIGN_IN if person == NOBODY else REFUSED
            if listing != expected:
                wrong.append((base, "changelist", person, listing))
            is_outside = person in {NOBODY, CLERK, AUDITOR} or (person == STAFF and expected == REFUSED)
            if row is None or (is_outside and listing == expected):
                continue  # who may not even open the list stands before the same door for every page
            for page, verb in (("change", "view"), ("delete", "delete"), ("history", "view")):
                status = client.get(reverse(f"{base}_{page}", args=[row.pk])).status_code
                opens = in_office and person in rows[verb] and (page != "history" or issubclass(model, RegisterRow))
                if (status == OK) != opens:
                    wrong.append((base, page, person, status))
    assert wrong == []


def test_a_stranger_reads_no_name_and_no_count_of_another_register(world):
    client = signed_in(world[STRANGER])
    told = []
    for address in [reverse("home"), reverse("audit"), reverse("evidence"), reverse("admin:index")] + [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    ]:
        page = client.get(address).content.decode()
        told += [(address, word) for word in ("SOFACTO", "Sofacto", "sofacto", "A5.1", "S5-") if word in page]
    assert told == []


@pytest.mark.parametrize("person", [CLERK, STRANGER, STAFF, AUDITOR, ADMINISTRATOR])
def test_only_the_dpo_publishes_and_prints(world, person):
    register = Register.objects.get(slug="sofacto")
    edition = register.editions.get()
    client = signed_in(world[person])
    for address in (
        reverse("admin:foundation_register_publish", args=[register.pk]),
        reverse("admin:editions_edition_print", args=[edition.pk]),
    ):
        assert client.get(address).status_code != OK
        client.post(address, {"note": "", "kind": "privacy_notice", "language": "en", "documents": "privacy_notice-en"})
    assert register.editions.count() == 1
    assert Print.objects.count() == 1
