"""Sessions that end when they should."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.doors.browsers import in_words
from foundation.doors.forgetting import forget
from foundation.models import Event, User
from tests.conftest import PASSWORD, signed_in
from tests.foundation.doors.conftest import LONGER, come_in, is_in


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
