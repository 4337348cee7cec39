"""Limits on guessing lock nobody else out."""

from django.core.cache import cache

from tests.foundation.doors.conftest import ELSEWHERE, HERE, come_in


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
