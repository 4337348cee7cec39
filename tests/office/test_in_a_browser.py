"""The office in a real browser: no breach of the content security policy, no barrier that axe finds, light and dark."""

import contextlib
import os
import signal
import socket
import urllib.request
from pathlib import Path

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import sync_playwright

from editions.actions import publish
from editions.load import load
from foundation.jobs.asking import ask
from foundation.models import Halt, Job, Mail, Membership, ServiceToken, User
from foundation.permissions import Role
from register.models import DataItem, Measure, ProcessingActivity, Statement
from tests import identity_provider
from tests.conftest import PASSWORD, example, until
from tests.foundation.doors.conftest import code
from tests.office.conftest import listing, page

pytestmark = [pytest.mark.processes, pytest.mark.browser]
CHROMIUM = "/usr/bin/chromium"
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ERRORS = ("/nowhere/", "/admin/foundation/user/")  # not there; not for a DPO
TELL = "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective))"


@pytest.fixture(scope="session")
def collected(tmp_path_factory) -> Path:
    """Collect the static files once, as production serves them."""
    root = tmp_path_factory.mktemp("static")
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.ManifestStaticFilesStorage"},
    }
    with override_settings(STATIC_ROOT=str(root), STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


@pytest.fixture
def provider():
    with identity_provider.running() as provider:
        provider.claims |= {"email": "dpo@office.example"}
        yield provider


@pytest.fixture
def address(real_servers, collected, tmp_path, provider):
    """Start the application on a free port with every door switched on, and return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    var = tmp_path / "var"
    var.mkdir(exist_ok=True)
    (var / "static").symlink_to(collected)
    doors = {
        "GREFFIER_PASSKEYS": "1",
        "GREFFIER_OIDC_ISSUER": provider.issuer,
        "GREFFIER_OIDC_CLIENT_ID": identity_provider.CLIENT,
        "GREFFIER_OIDC_CLIENT_SECRET": identity_provider.CLIENT_SECRET,
        "GREFFIER_OIDC_NAME": "Acme",
    }
    web = real_servers.start(
        "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", **doors
    )
    base = f"http://localhost:{port}"
    try:
        until(lambda: _answers(f"{base}/login/"))
        yield base
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(web.pid, signal.SIGTERM)
        web.wait(timeout=10)


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(address) as answer:
        return answer.status == 200
    return False


@pytest.fixture
def world(real_servers):
    """An example register with an edition, and its DPO; the addresses of the pages to look at."""
    register = load(example("vistory-sesame"))
    dpo = User.objects.create_user("dpo@office.example", PASSWORD)
    Membership.objects.create(user=dpo, register=register, role=Role.DPO)
    edition = publish(register, actor=dpo, at=timezone.now())
    activity = ProcessingActivity.objects.filter(register=register).order_by("position").first()
    statement = Statement.objects.filter(register=register).first()
    job = ask("documents.print", slot="looked at", register=register)
    return {
        "index": reverse("admin:index"),
        "list": listing(DataItem),
        "empty": listing(Measure) + "?q=nothing-like-this",
        "statements": listing(Statement),
        "activity": page(activity),
        "statement": page(statement),
        "history": page(activity, "history"),
        "delete": page(activity, "delete"),
        "add": listing(Measure, "add"),
        "register": page(register),
        "publish": reverse("admin:foundation_register_publish", args=[register.pk]),
        "edition": page(edition),
        "evidence": reverse("evidence"),
        "jobs": listing(Job),
        "job": page(job),
        "stop": listing(Halt, "add"),
        "mails": listing(Mail),
        "token": listing(ServiceToken, "add"),
        "changes": reverse("admin:foundation_change_changelist"),
        "account": reverse("account"),
        "password": reverse("account_change_password"),
        "sessions": reverse("account_sessions"),
        "application": reverse("mfa_activate_totp"),
        "passkey": reverse("mfa_add_webauthn"),
    }


@contextlib.contextmanager
def chromium(**context):
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIETLY))
        try:
            yield browser.new_context(locale="fr-FR", **context)
        finally:
            browser.close()


def sign_in(tab, base: str) -> None:
    tab.goto(f"{base}/login/?next=/admin/")
    tab.fill("[name=login]", "dpo@office.example")
    tab.fill("[name=password]", PASSWORD)
    tab.click("main .form [type=submit]")


def into_the_office(tab, base: str) -> None:
    sign_in(tab, base)
    tab.wait_for_selector(".groups")


def test_a_walk_through_the_office_breaks_no_policy(address, world):
    said: list[str] = []
    with chromium() as context:
        context.add_init_script(TELL)
        context.on("console", lambda message: said.append(_words(message)) if message.type == "error" else None)
        context.on("weberror", lambda error: said.append(str(error.error)))
        tab = context.new_page()
        into_the_office(tab, address)
        for name in world:
            assert tab.goto(address + world[name]).status == 200, name
        _fill_in_the_form(tab, address, world)
        tab.goto(address + world["publish"])
        tab.fill("[name=note]", "Deuxième édition")
        tab.click("main [type=submit]")
        tab.wait_for_selector(".prints")
        tab.goto(address + world["list"])
        tab.check("tbody tr:first-child .action-select")
        tab.select_option("[name=action]", "delete_selected")
        tab.click("[name=index]")
        tab.wait_for_selector("#id_change_reason")
        tab.click(".theme-toggle")
        for absent in ERRORS:
            assert tab.goto(address + absent).status in {403, 404}
        _walk_through_the_doors(tab, address, context)
        tab.goto(address + world["index"])
        tab.click("#logout-form button")
        tab.wait_for_selector("[name=login]")
    # the browser tells of the two error pages that the walk asked for; nothing else may be said
    expected = tuple(f"({address}{absent})" for absent in ERRORS)
    assert [line for line in said if not (line.startswith("Failed to load") and line.endswith(expected))] == []


def test_processes_share_the_count_of_failures(address, world):
    told = []
    for number in range(12):
        browser = requests.Session()
        page = browser.get(f"{address}/login/").text
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        sent = {"login": "dpo@office.example", "password": f"wrong {number}", "csrfmiddlewaretoken": token}
        answer = browser.post(f"{address}/login/", sent, headers={"Accept-Language": "en"})
        told.append("five minutes" in answer.text)
    assert told == [False] * 5 + [True] * 7


def _words(message) -> str:
    return f"{message.text} ({message.location.get('url')})"


def _walk_through_the_doors(tab, address: str, context) -> None:
    """Set up an application and a passkey, sign in with each, and with the identity provider; look at every page."""
    tab.goto(address + reverse("mfa_activate_totp"))
    secret = tab.locator(".key").inner_text().replace(" ", "")
    tab.fill("[name=code]", code(secret))
    tab.click("main .form [type=submit]")
    tab.wait_for_selector(".codes")
    recovery = tab.locator(".codes code").all_inner_texts()
    tab.goto(address + reverse("mfa_generate_recovery_codes"))
    tab.goto(address + reverse("mfa_deactivate_totp"))
    for name in ("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"):
        tab.goto(f"{address}{reverse(name)}?next=/account/")
    _sign_out(tab)
    for name in ("account_reset_password", "account_reset_password_done", "account_inactive"):
        tab.goto(address + reverse(name))
    tab.goto(address + reverse("account_reset_password_from_key", args=["1", "spent-token"]))
    sign_in(tab, address)
    tab.fill("[name=code]", "000000")
    tab.click("main .form [type=submit]")
    tab.wait_for_selector("main .message--error")
    tab.fill("[name=code]", recovery[0])
    tab.click("main .form [type=submit]")
    tab.wait_for_selector(".groups")
    _register_a_passkey(tab, address, context)
    _sign_out(tab)
    tab.click("#passkey_login")
    tab.wait_for_selector(".cards")
    _sign_out(tab)
    tab.click("text=Acme")
    tab.wait_for_selector("[name=code]")
    tab.click(".button--link")
    tab.wait_for_selector("[name=login]")
    sign_in(tab, address)
    tab.click("#mfa_webauthn_authenticate")
    tab.wait_for_selector(".groups")


def _register_a_passkey(tab, address: str, context) -> None:
    devtools = context.new_cdp_session(tab)
    devtools.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    tab.goto(address + reverse("mfa_add_webauthn"))
    tab.fill("[name=name]", "Ordinateur")
    tab.check("[name=passwordless]")
    tab.click("#mfa_webauthn_add")
    tab.wait_for_selector("text=Ordinateur")


def _sign_out(tab) -> None:
    tab.locator(".masthead__out button, #logout-form button").click()
    tab.wait_for_selector("[name=login]")


def _fill_in_the_form(tab, address: str, world: dict[str, str]) -> None:
    """Add a line, choose a statement, send an error, mend it and save."""
    tab.goto(address + world["activity"])
    citations = "#register-citation-entry_type-entry_id-group"
    tab.click(f"{citations} .add-row a")
    line = tab.locator(f"{citations} tbody tr.form-row:not(.empty-form)").last
    line.locator(".select2-selection").click()
    tab.fill(".select2-container--open .select2-search__field", "S1-23")
    tab.click(".select2-results__option:has-text('S1-23')")
    line.locator("select").first.select_option("name")
    tab.click("#data_items-group .add-row a")
    item = tab.locator("#data_items-group tbody tr.form-row:not(.empty-form)").last
    item.locator("[name$=-ref]").fill("nouvelle")
    tab.click("[name=_continue]")
    tab.wait_for_selector(".errorlist")
    item = tab.locator("#data_items-group tbody tr.form-row:not(.empty-form)").last
    item.locator("[name$=-name]").fill("Photographie")
    item.locator("select[name$=-category]").select_option("civil")
    tab.fill("#id_change_reason", "Relecture")
    tab.click("[name=_continue]")
    tab.wait_for_selector(".messagelist .success")


def test_axe_finds_no_barrier_in_light_nor_in_dark(address, world):
    found = []
    with chromium(bypass_csp=True, reduced_motion="reduce") as context:
        tab = context.new_page()
        tab.goto(f"{address}/login/")
        found += barriers(tab, "login")
        into_the_office(tab, address)
        for name in ("index", "list", "activity", "history", "edition", "evidence", "jobs", "job", "token"):
            tab.goto(address + world[name])
            found += barriers(tab, name)
        for name in ("account", "sessions", "application"):
            tab.goto(address + world[name])
            found += barriers(tab, name)
        tab.goto(f"{address}{reverse('account_reauthenticate')}?next=/account/")
        found += barriers(tab, "confirm")
        tab.goto(address + world["application"])
        tab.fill("[name=code]", code(tab.locator(".key").inner_text().replace(" ", "")))
        tab.click("main .form [type=submit]")
        tab.wait_for_selector(".codes")
        found += barriers(tab, "recovery codes")
        tab.goto(address + world["add"])
        tab.click("[name=_save]")
        tab.wait_for_selector(".errornote")
        found += barriers(tab, "errors")
    assert found == []


def barriers(tab, name: str) -> list[tuple[str, str, str]]:
    """Return (page, rule, first element) of everything that axe objects to, and of what is hard to read in the dark."""
    tab.emulate_media(color_scheme="light")
    found = _ask_axe({"type": "tag", "values": list(RULES)}, tab)
    tab.emulate_media(color_scheme="dark")
    found += _ask_axe({"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, tab)
    return [(name, one["id"], one["nodes"][0]["html"][:160]) for one in found]


def _ask_axe(rules, tab):
    # of what passes, one element per rule: the whole of a long page would take longer to tell than to judge
    response = Axe().run(tab, options={"resultTypes": ["violations"], "runOnly": rules}).response
    assert response["passes"]  # it did look at the page
    return response["violations"]
