"""How people come in: limits that lock nobody else out, second factors that nothing goes around, sessions that end."""

import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from config import settings as production
from foundation.doors import recent
from foundation.doors.browsers import in_words
from foundation.doors.forgetting import forget
from foundation.keys import vault
from foundation.models import Event, Mail, Membership, User
from foundation.permissions import Role
from tests.conftest import PASSWORD, signed_in

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
SECRET = "JBSWY3DPEHPK3PXP"
LONGER = "a much longer secret than before"


def come_in(address: str, password: str = PASSWORD, *, client: Client | None = None, place: str = HERE, **headers: str):
    """Type an address and a password on the sign-in page."""
    sent = {"login": address, "password": password}
    return (client or Client()).post(reverse("account_login"), sent, REMOTE_ADDR=place, **headers)


def code(secret: str = SECRET) -> str:
    """Return the code that an application shows now, never in the last second of its life."""
    if time.time() % 30 > 29:
        time.sleep(1.1)
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def careful(dpo: User) -> User:
    """A DPO with an application and recovery codes."""
    totp.TOTP.activate(dpo, SECRET)
    RecoveryCodes.activate(dpo)
    return dpo


# -- passwords -----------------------------------------------------------------------------------------------------


def test_a_person_signs_in_with_whatever_capitals_and_the_hash_is_argon2(dpo):
    answer = come_in(dpo.email.upper())
    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    assert dpo.password.startswith("argon2$argon2id$")
    first = import_string(production.PASSWORD_HASHERS[0])()
    assert (first.algorithm, first.memory_cost) >= ("argon2", 65_536)  # KiB


def test_an_old_hash_is_written_anew_at_sign_in(dpo):
    User.objects.filter(pk=dpo.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert come_in(dpo.email).status_code == 302
    dpo.refresh_from_db()
    assert dpo.password.startswith("argon2$argon2id$")


def test_a_wrong_password_an_unknown_address_and_a_closed_account_are_told_apart_by_nobody_outside(dpo, staff):
    User.objects.filter(pk=staff.pk).update(is_active=False)
    answers = [come_in(dpo.email, "wrong"), come_in("nobody@acme.example"), come_in(staff.email, "wrong")]
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(answer.context["form"].non_field_errors()) for answer in answers}) == 1


def test_a_closed_account_does_not_open(staff):
    User.objects.filter(pk=staff.pk).update(is_active=False)
    client = Client()
    assert come_in(staff.email, client=client)["Location"] == reverse("account_inactive")
    assert client.get(reverse("home"))["Location"].startswith(reverse("account_login"))


def test_there_is_no_sign_up_and_no_change_of_address(client, db):
    for path in ("signup/", "email/", "account/signup/", "account/email/", "accounts/signup/", "accounts/email/"):
        assert client.get(f"/{path}").status_code in {302, 404}
        assert client.post(f"/{path}", {"email": "x@example.org", "password1": LONGER}).status_code in {302, 404}
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\\\evil.example"]
)
def test_nobody_is_sent_to_another_site(dpo, elsewhere):
    sent = {"login": dpo.email, "password": PASSWORD, "next": elsewhere}
    client = Client()
    assert client.post(reverse("account_login"), sent)["Location"] == reverse("home")
    confirm = {"password": PASSWORD, "next": elsewhere}
    assert client.post(reverse("account_reauthenticate"), confirm)["Location"] == reverse("home")
    assert client.post(reverse("account_logout"), {"next": elsewhere})["Location"] == reverse("account_login")


# -- limits --------------------------------------------------------------------------------------------------------


def fail(address: str, times: int, **place: str) -> None:
    for number in range(times):
        assert come_in(address, f"wrong {number}", **place).status_code == 200


def test_who_guesses_locks_out_nobody_but_themselves(dpo):
    fail(dpo.email, 6, place=ELSEWHERE)
    assert come_in(dpo.email, place=ELSEWHERE).status_code == 200  # even with the right password
    assert come_in(dpo.email, place=HERE).status_code == 302


def test_behind_no_proxy_a_client_cannot_say_where_it_comes_from(dpo):
    for number in range(6):
        come_in(dpo.email, f"wrong {number}", place=ELSEWHERE, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert come_in(dpo.email, place=ELSEWHERE, HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 200


def test_behind_a_proxy_the_address_that_the_proxy_wrote_counts(dpo, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(6):
        forged = f"203.0.113.{number}, {ELSEWHERE}"
        come_in(dpo.email, f"wrong {number}", place="127.0.0.1", HTTP_X_FORWARDED_FOR=forged)
    blocked = f"203.0.113.99, {ELSEWHERE}"
    assert come_in(dpo.email, place="127.0.0.1", HTTP_X_FORWARDED_FOR=blocked).status_code == 200
    assert come_in(dpo.email, place="127.0.0.1", HTTP_X_FORWARDED_FOR=HERE).status_code == 302


def test_neighbours_of_one_ipv6_network_are_one_place(dpo):
    fail(dpo.email, 6, place="2001:db8:1:2::1")
    assert come_in(dpo.email, place="2001:db8:1:2:ffff::9").status_code == 200
    assert come_in(dpo.email, place="2001:db8:1:3::1").status_code == 302


def test_one_place_cannot_try_many_addresses(dpo):
    for number in range(21):
        come_in(f"person{number}@acme.example", "wrong", place=ELSEWHERE)
    assert come_in(dpo.email, place=ELSEWHERE).status_code == 200
    assert come_in(dpo.email, place=HERE).status_code == 302


def test_limits_are_counted_in_the_database_that_every_worker_shares(dpo, django_assert_num_queries):
    come_in(dpo.email, "wrong")
    with django_assert_num_queries(1):
        cache.get("anything")


# -- the second factor ---------------------------------------------------------------------------------------------


def test_a_password_alone_opens_no_page_of_who_has_a_second_factor(careful):
    from tests.test_permissions import ADDRESSES, NOBODY, arguments

    client = Client()
    assert come_in(careful.email, client=client)["Location"] == reverse("mfa_authenticate")
    of_rows = {"edition-json", "print-download", "evidence-receipt"}
    without_rows = [name for name in ADDRESSES if name not in of_rows]
    for name in without_rows:
        expected = ADDRESSES[name][NOBODY] if name != "mfa_authenticate" else 200
        if name == "account_login":
            expected = 302  # on to the second step
        assert client.get(reverse(name, args=arguments(name))).status_code == expected, name
        assert "_auth_user_id" not in client.session, name
    for address in ("/admin/login/", "/admin/login/?next=/admin/"):
        answer = client.post(address, {"username": careful.email, "password": PASSWORD, "next": "/admin/"})
        assert answer["Location"].startswith(reverse("account_login"))
        assert client.get("/admin/", follow=True).redirect_chain[-1][0] == reverse("mfa_authenticate")


def test_what_opens_an_account_is_sealed_where_it_is_stored(careful):
    stored = {factor.type: str(factor.data) for factor in Authenticator.objects.filter(user=careful)}
    assert SECRET not in stored["totp"]
    seed = Authenticator.objects.get(type="recovery_codes")
    assert decrypt(seed.data["seed"]) not in stored["recovery_codes"]
    assert len(decrypt(seed.data["seed"])) == 80
    with pytest.raises(vault.SealBroken):
        vault.open_text(seed.data["seed"], place=vault.Place("mfa_authenticator", "data", row=1))


def test_the_code_of_the_application_opens_once(careful):
    client, now = Client(), code()
    come_in(careful.email, client=client)
    before = client.session.session_key
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": now})["Location"] == reverse("home")
    assert client.session.session_key != before
    again = Client()
    come_in(careful.email, client=again)
    assert again.post(reverse("mfa_authenticate"), {"code": now}).status_code == 200


def test_a_recovery_code_opens_once(careful):
    codes = Authenticator.objects.get(user=careful, type="recovery_codes").wrap()
    one = codes.get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        come_in(careful.email, client=client)
        assert client.post(reverse("mfa_authenticate"), {"code": one}).status_code == expected


def test_codes_are_guessed_five_times_at_most_from_wherever(careful):
    client = Client()
    come_in(careful.email, client=client)
    for number in range(5):
        place = f"203.0.113.{number}"
        client.post(reverse("mfa_authenticate"), {"code": f"00000{number}"}, REMOTE_ADDR=place)
    assert client.post(reverse("mfa_authenticate"), {"code": code()}, REMOTE_ADDR=HERE).status_code == 200


def test_an_application_is_added_used_and_removed_and_each_is_evidence(dpo, acme):
    client = signed_in(dpo)
    page = client.get(reverse("mfa_activate_totp"))
    text = page.content.decode()
    assert "<svg" in text
    assert "data:" not in text
    secret = page.context["form"].secret
    key = client.session.session_key
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert client.session.session_key != key
    assert client.get(reverse("mfa_view_recovery_codes")).content.decode().count("<code>") == 10
    assert len(client.get(reverse("mfa_download_recovery_codes")).content.split()) > 10
    client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=dpo).exists()
    told = Event.objects.order_by("pk").values_list("verb", "subject_id", "actor_id", "register_id")
    verbs = ("second_factor_added", "recovery_codes_renewed", "second_factor_removed")
    assert list(told) == [(verb, dpo.pk, dpo.pk, acme.pk) for verb in verbs]


@pytest.fixture
def strict(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"dpo", "administrator"})


def test_a_role_that_asks_for_a_second_factor_opens_nothing_without(strict, dpo, staff):
    client = signed_in(dpo)
    for name in ("home", "admin:index", "account", "account_sessions", "audit"):
        assert client.get(reverse(name))["Location"] == reverse("mfa_activate_totp"), name
        assert client.post(reverse(name))["Location"] == reverse("mfa_activate_totp"), name
    refused = client.get("/api/v1/registers/")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
    page = client.get(reverse("mfa_activate_totp"))
    assert page.context["required"]
    client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})
    assert client.get(reverse("home")).status_code == 200
    assert signed_in(staff).get(reverse("home")).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(strict, dpo):
    RecoveryCodes.activate(dpo)
    assert signed_in(dpo).get(reverse("home"))["Location"] == reverse("mfa_activate_totp")


def test_the_roles_that_settings_may_name_are_the_roles():
    assert production._roles == set(Role.values)


def test_an_operator_removes_what_was_lost_with_the_phone(careful, acme, capsys):
    client = Client()
    come_in(careful.email, client=client)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    call_command("reset_second_factor", careful.email)
    assert Authenticator.objects.filter(user=careful).count() == 2
    assert client.get(reverse("home")).status_code == 200
    call_command("reset_second_factor", careful.email.upper(), "--yes")
    assert not Authenticator.objects.filter(user=careful).exists()
    assert client.get(reverse("home")).status_code == 302
    assert Event.objects.get().verb == "second_factor_reset"
    assert "1 sessions ended" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody@acme.example", "--yes")


# -- confirming who one is -----------------------------------------------------------------------------------------


@pytest.fixture
def later(monkeypatch):
    """Let time pass."""
    started = time.time()

    def wait(seconds: float) -> None:
        now = started + seconds
        monkeypatch.setattr(recent.time, "time", lambda: now)

    return wait


def dangerous(administrator: User, dpo: User) -> list[str]:
    membership = Membership.objects.get(user=dpo)
    return [
        reverse("admin:foundation_membership_add"),
        reverse("admin:foundation_membership_change", args=[membership.pk]),
        reverse("admin:foundation_membership_delete", args=[membership.pk]),
        reverse("admin:foundation_user_change", args=[dpo.pk]),
        reverse("admin:auth_user_password_change", args=[dpo.pk]),
        reverse("account_sessions"),
        reverse("mfa_activate_totp"),
        reverse("mfa_generate_recovery_codes"),
    ]


def test_dangerous_pages_ask_who_one_is_before_they_open_and_come_back(administrator, dpo, later):
    client = Client()
    come_in(administrator.email, client=client)
    later(601)
    for address in dangerous(administrator, dpo):
        asked = client.get(address)
        assert asked.status_code == 302, address
        assert asked["Location"].startswith(reverse("account_reauthenticate")), address
    assert client.get(reverse("admin:foundation_membership_changelist")).status_code == 200
    back = reverse("admin:foundation_membership_add")
    confirm = client.get(back)["Location"]
    assert client.post(confirm, {"password": "wrong", "next": back}).status_code == 200
    key = client.session.session_key
    assert client.post(confirm, {"password": PASSWORD, "next": back})["Location"] == back
    assert client.session.session_key not in {key, None}
    assert UserSession.objects.get(user=administrator).session_key == client.session.session_key


def test_a_form_that_was_opened_in_time_may_be_sent_and_one_that_was_not_is_answered_in_words(
    administrator, acme, later
):
    client = signed_in(administrator)
    address = reverse("admin:foundation_membership_add")
    sent = {"email": "new@acme.example", "register": acme.pk, "role": Role.STAFF.value}
    later(601 + recent.TIME_TO_FILL_IN_SECONDS)
    refused = client.post(address, sent)
    assert refused.status_code == 409
    assert reverse("account_reauthenticate") in refused.content.decode()
    assert not User.objects.filter(email="new@acme.example").exists()
    later(601)
    assert client.post(address, sent).status_code == 302
    assert User.objects.filter(email="new@acme.example").exists()


def test_what_was_chosen_in_a_list_is_not_withdrawn_unconfirmed(administrator, dpo, later):
    client = signed_in(administrator)
    membership = Membership.objects.get(user=dpo)
    later(601 + recent.TIME_TO_FILL_IN_SECONDS)
    action = {"action": "delete_selected", "_selected_action": [membership.pk], "post": "yes"}
    answer = client.post(reverse("admin:foundation_membership_changelist"), action)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Membership.objects.filter(pk=membership.pk).exists()


def test_who_only_reads_memberships_is_not_asked(dpo, later):
    client = signed_in(dpo)
    later(9999)
    page = reverse("admin:foundation_membership_change", args=[Membership.objects.get(user=dpo).pk])
    assert client.get(page).status_code == 200


# -- sessions ------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(dpo):
    """The same person in two browsers."""
    clients = [Client(), Client()]
    for client in clients:
        come_in(dpo.email, client=client)
    return clients


def is_in(client: Client) -> bool:
    return client.get(reverse("home")).status_code == 200


def test_a_session_is_ended_from_another(two, dpo):
    here, there = two
    listed = here.get(reverse("account_sessions")).context["sessions"]
    assert [session.session_key for session in listed] == [here.session.session_key, there.session.session_key]
    here.post(reverse("account_sessions"), {"session": listed[1].pk})
    assert (is_in(here), is_in(there)) == (True, False)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36 Edg/150.0",
            "Edge 150, Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Mobile/15E148 Safari/604.1", "Safari 19, iPhone"),
        ("curl/8 " + "x" * 100, ("curl/8 " + "x" * 100)[:80]),
    ],
)
def test_a_browser_is_called_in_two_words(agent, words):
    assert in_words(agent) == words


def test_one_signs_out_everywhere_and_that_is_evidence(two, dpo):
    here, there = two
    answer = here.post(reverse("account_sessions"), {"everywhere": "1"})
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert (is_in(here), is_in(there)) == (False, False)
    assert Event.objects.get().verb == "sessions_ended"


def test_nobody_ends_the_session_of_another(two, dpo, staff):
    other = signed_in(staff)
    for session in UserSession.objects.filter(user=dpo):
        assert other.post(reverse("account_sessions"), {"session": session.pk}).status_code == 404
    assert other.post(reverse("account_sessions"), {"session": "x"}).status_code == 404
    assert other.get(reverse("account_sessions")).context["sessions"] == []
    assert all(is_in(client) for client in two)


def test_a_closed_account_ends_its_sessions_at_once(two, dpo):
    User.objects.filter(pk=dpo.pk).update(is_active=False)
    assert not any(is_in(client) for client in two)


def test_a_changed_password_ends_the_other_sessions_and_is_evidence(two, dpo):
    here, there = two
    key = here.session.session_key
    sent = {"oldpassword": PASSWORD, "password1": LONGER, "password2": LONGER}
    assert here.post(reverse("account_change_password"), sent)["Location"] == reverse("account")
    assert (is_in(here), is_in(there)) == (True, False)
    assert here.session.session_key != key
    assert come_in(dpo.email, LONGER).status_code == 302
    assert Event.objects.get().verb == "password_changed"


def test_a_password_set_by_an_administrator_ends_every_session(two, administrator, dpo):
    sent = {"password1": LONGER, "password2": LONGER, "usable_password": "true"}
    signed_in(administrator).post(reverse("admin:auth_user_password_change", args=[dpo.pk]), sent)
    assert not any(is_in(client) for client in two)


def test_the_session_has_another_key_after_sign_in(dpo):
    client = Client()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "by someone else"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    come_in(dpo.email, client=client)
    assert client.session.session_key != planted


def test_signing_out_has_the_browser_forget(dpo):
    client = signed_in(dpo)
    answer = client.post(reverse("account_logout"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not is_in(client)
    assert client.get(reverse("account_logout")).status_code == 405


def test_sessions_that_are_over_and_counters_that_count_no_more_are_forgotten(two, dpo):
    here, there = two
    cache.set("old", 1, timeout=60)
    Session.objects.filter(session_key=there.session.session_key).update(expire_date=timezone.now())
    forget(timezone.now() + timedelta(seconds=61))
    assert [row.session_key for row in UserSession.objects.all()] == [here.session.session_key]
    assert Session.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM foundation_cache WHERE cache_key LIKE '%old'")
        assert cursor.fetchone() == (0,)


# -- a forgotten password ------------------------------------------------------------------------------------------


def ask_for_reset(address: str, place: str = HERE):
    return Client().post(reverse("account_reset_password"), {"email": address}, REMOTE_ADDR=place)


def test_a_forgotten_password_is_chosen_anew_by_mail_and_no_second_factor_goes_around_it(careful):
    assert ask_for_reset(careful.email.upper())["Location"] == reverse("account_reset_password_done")
    letter = Mail.objects.get()
    assert "http" not in letter.body  # what opens an account is sealed where it waits to be sent
    assert letter.recipient == careful.email
    link = next(line for line in letter.text.splitlines() if line.startswith("http")).removeprefix("http://testserver")
    client = Client()
    form = client.get(link)["Location"]
    assert client.post(form, {"password1": "short", "password2": "short"}).status_code == 200
    assert client.post(form, {"password1": LONGER, "password2": LONGER}).status_code == 302
    assert "_auth_user_id" not in client.session
    assert come_in(careful.email, LONGER)["Location"] == reverse("mfa_authenticate")
    assert Event.objects.get().verb == "password_changed"
    assert Client().get(link).context["token_fail"]
    assert not EmailAddress.objects.exists()  # the account has one address, in one place


def test_asking_for_a_reset_tells_nobody_who_has_an_account(dpo, staff):
    User.objects.filter(pk=staff.pk).update(is_active=False)
    answers = [ask_for_reset(address) for address in (dpo.email, "nobody@acme.example", staff.email)]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert list(Mail.objects.values_list("recipient", flat=True)) == [dpo.email]


def test_the_mail_of_a_reset_is_written_after_the_answer(dpo, monkeypatch):
    """So that the time of the answer is the same whether or not the address is known."""
    from django.test.client import ClientHandler

    at_answer = []
    original = ClientHandler.get_response

    def get_response(self, request):
        response = original(self, request)
        at_answer.append(Mail.objects.count())
        return response

    monkeypatch.setattr(ClientHandler, "get_response", get_response)
    ask_for_reset(dpo.email)
    assert (at_answer, Mail.objects.count()) == ([0], 1)


def test_that_no_mail_can_be_sent_is_told_to_the_operator_only(dpo, settings, caplog):
    settings.DEFAULT_FROM_EMAIL = ""
    assert ask_for_reset(dpo.email)["Location"] == reverse("account_reset_password_done")
    assert "was not planned" in caplog.text
    assert dpo.email not in caplog.text
    assert not Mail.objects.exists()


def test_the_link_of_a_reset_is_read_by_nobody_who_keeps_a_register(dpo, staff, administrator):
    ask_for_reset(staff.email)
    assert not any(Mail.objects.visible_to(user).exists() for user in (dpo, administrator, staff))


# -- my account ----------------------------------------------------------------------------------------------------


def test_everyone_chooses_the_language_of_their_own_pages(staff, dpo):
    client = signed_in(staff)
    assert client.post(reverse("account"), {"language": "en"}).status_code == 302
    assert '<html lang="en">' in client.get(reverse("account")).content.decode()
    assert client.post(reverse("account"), {"language": "xx"}).status_code == 200
    dpo.refresh_from_db()
    assert dpo.language == ""


def test_whoever_has_no_password_sets_one(clerk):
    clerk.set_unusable_password()
    clerk.save()
    client = signed_in(clerk)
    assert client.get(reverse("account_change_password"))["Location"] == reverse("account_set_password")
    assert client.post(reverse("account_set_password"), {"password1": LONGER, "password2": LONGER}).status_code == 302
    assert come_in(clerk.email, LONGER).status_code == 302


# -- headers -------------------------------------------------------------------------------------------------------


def test_every_answer_carries_the_headers(client, dpo):
    client.force_login(dpo)
    for address in (reverse("home"), reverse("account_login"), reverse("admin:index"), "/nowhere/", reverse("account")):
        headers = client.get(address).headers
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
