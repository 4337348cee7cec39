"""Legal holds in the admin: what names a person stands sealed, and a release says why."""

import pytest

from foundation.history import Change
from retention.exclusions import exclusions_of
from retention.models import LegalHold
from tests.conftest import signed_in
from tests.office.conftest import errors_of, listing, page
from tests.retention.pages.world import act

DAYS = {"opened_on": "2026-01-05", "review_on": "2200-01-05", "reason": "dossier 2026-12"}


def opened(office, **parts):
    return office.post(listing(LegalHold, "add"), DAYS | parts)


def test_a_person_is_held_and_stands_nowhere_in_clear(office, target):
    opened(office, scope="person", identity="email", person=" Client2@example.test ", record_key="left over")
    hold = LegalHold.objects.get()
    assert exclusions_of(target, on=hold.opened_on).people == {("email", "client2@example.test")}
    assert "client2" not in hold.person
    assert hold.record_key == ""
    assert "client2" not in str(list(Change.objects.values_list("changes", flat=True))).lower()
    assert "client2@example.test" in office.get(page(hold)).content.decode()
    assert "client2" not in office.get(listing(LegalHold)).content.decode()


def test_a_record_is_held_by_the_value_of_its_key(office, target):
    opened(office, scope="record", target=target.pk, record_key="3")
    hold = LegalHold.objects.get()
    assert exclusions_of(target, on=hold.opened_on).keys == {(3,)}


@pytest.mark.parametrize("key", ["three", "3\n4"])
def test_a_key_that_is_none_is_refused(office, target, key):
    assert errors_of(opened(office, scope="record", target=target.pk, record_key=key)) == {"record_key"}
    assert not LegalHold.objects.exists()


def test_a_rule_is_held_as_a_whole(office, target, rule):
    opened(office, scope="rule", rule=rule.pk)
    assert exclusions_of(target, on=LegalHold.objects.get().opened_on).everything


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ({"scope": "person"}, {"identity", "person"}),
        ({"scope": "record"}, {"target", "record_key"}),
        ({"scope": "rule"}, {"rule"}),
        ({"scope": "activity"}, {"activity"}),
        ({}, {"scope"}),
    ],
)
def test_a_hold_says_what_it_holds(office, acme, parts, refused):
    assert errors_of(opened(office, **parts)) >= refused
    assert not LegalHold.objects.exists()


def test_the_review_comes_after_the_beginning(office, rule):
    response = opened(office, scope="rule", rule=rule.pk, review_on="2025-01-01")
    assert response.status_code in {200, 409}
    assert not LegalHold.objects.exists()


def test_a_hold_ends_with_a_reason_and_is_never_deleted(office, dpo, rule):
    opened(office, scope="rule", rule=rule.pk)
    hold = LegalHold.objects.get()
    office.post(act(hold, "release"), {"reason": ""})
    assert LegalHold.objects.open().exists()
    office.post(act(hold, "release"), {"reason": "jugement rendu"})
    hold.refresh_from_db()
    assert (hold.released_by, hold.release_reason) == (dpo, "jugement rendu")
    assert office.get(page(hold, "delete")).status_code == 403
    assert office.post(page(hold), {"reason": "autre"}).status_code == 403
    assert "jugement rendu" in office.get(page(hold)).content.decode()


def test_open_holds_stand_first_and_an_overdue_review_is_said(office, rule, target):
    opened(office, scope="rule", rule=rule.pk)
    office.post(act(LegalHold.objects.get(), "release"), {"reason": "r"})
    opened(office, scope="rule", rule=rule.pk, review_on="2026-01-06")
    opened(office, scope="person", identity="email", person="x@example.test")
    shown = office.get(listing(LegalHold)).context["cl"].result_list
    assert [hold.is_open for hold in shown] == [True, True, False]
    assert "state--late" in office.get(listing(LegalHold)).content.decode()
    assert office.get(listing(LegalHold) + "?held=review").context["cl"].result_count == 1
    assert office.get(listing(LegalHold) + "?held=released").context["cl"].result_count == 1


def test_strangers_know_of_no_hold(office, rule, stranger):
    opened(office, scope="rule", rule=rule.pk)
    hold = LegalHold.objects.get()
    client = signed_in(stranger)
    assert client.get(page(hold)).status_code == 404
    assert client.post(act(hold, "release"), {"reason": "r"}).status_code == 404
    assert LegalHold.objects.open().exists()
