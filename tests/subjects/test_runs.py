"""The engine over Greffier's own rows: subject records and own data go through the same previews, armings and runs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from foundation.evidence.record import record as evidence
from foundation.evidence.sealing import seal_all
from foundation.members import join
from foundation.models import Event, Job, Key, Mail, Membership, User
from foundation.permissions import Role
from retention import actions as orders
from retention.ground import Exclusions
from retention.grounds import opened
from retention.models import (
    Batch,
    DataSource,
    ErasureList,
    RetentionRule,
    RetentionSettings,
    Run,
    StartEvent,
    Target,
    TargetEvent,
)
from retention.planning import work_of
from retention.proof import find_erasure
from subjects import requests
from subjects.actions import change_state
from subjects.dating import Dating
from subjects.models import ContactEvent, RightsRequest, SubjectRecord
from tests.evidence.conftest import faults
from tests.retention.world import World
from tests.subjects.conftest import happens, record, world_of

LONG_AGO, LATELY = date(2020, 2, 29), date(2026, 6, 1)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(world: Any) -> World:
    """The register's records under its rule of three years; a run may touch them all, at once."""
    RetentionSettings.objects.create(register=world.register, notice_days=0, most_percent=100)
    DataSource.objects.update(batch_rows=2)
    target = Target.objects.select_related("source").get(pk=world.target.pk)
    return World(world.register, world.rule, target.source, target, None)  # type: ignore[arg-type]


def old_and_young(world, *, old=5, young=3):
    for number in range(old + young):
        row = record(world, f"c-{number}", personal={"email": f"u{number}@people.example"})
        happens(row, "contact", LONG_AGO if number < old else LATELY, "inbound")


def keys():
    return sorted(SubjectRecord.objects.values_list("key", flat=True))


def test_a_run_erases_the_records_that_are_due_with_events_and_keys(engine, world, dpo):
    old_and_young(world)
    engine.armed(dpo)
    run = engine.run()
    assert (run.state, run.rows_due, run.rows_erased) == (Run.State.DONE, 5, 5)
    assert keys() == ["c-5", "c-6", "c-7"]
    assert ContactEvent.objects.count() == 3
    assert Key.objects.filter(purpose=SubjectRecord.KEY_PURPOSE).count() == 3
    assert find_erasure(engine.target, ("c-0",)) is not None
    assert find_erasure(engine.target, ("c-7",)) is None
    seal_all(timezone.now())
    assert faults() == []


def test_the_preview_counts_what_the_run_does_and_names_nobody(engine, world):
    old_and_young(world)
    record(world, "undated")
    record(world, "elsewhere", activity=world.other)
    preview = engine.previewed()
    assert preview.refusals == []
    counts = preview.counts
    assert (counts["rows"], counts["due"], counts["erased"], counts["without_events"]) == (10, 5, 5, 1)
    assert counts["oldest_on"] == LONG_AGO.isoformat()
    assert "c-0" not in str(counts)


def test_a_contact_from_the_person_keeps_the_record_and_one_to_the_person_does_not(engine, world, dpo):
    old_and_young(world, old=2, young=1)
    engine.armed(dpo)
    first, second = SubjectRecord.objects.order_by("key")[:2]
    happens(first, "contact", LATELY, "outbound")
    happens(second, "contact", LATELY, "inbound")
    engine.run()
    assert keys() == ["c-1", "c-2"]


def test_an_open_request_for_access_holds_its_person_until_it_is_answered(engine, world, dpo):
    old_and_young(world, old=3, young=1)
    request = requests.file_request(
        world.register, rights=["access"], identity_kind="email", identity=" U1@People.example",
        received_on=date(2026, 11, 2), by=None, at=NOW,
    )  # fmt: skip
    engine.armed(dpo)
    run = engine.run()
    assert keys() == ["c-1", "c-3"]
    assert run.rows_erased == 2
    requests.close_request(request, state=RightsRequest.State.ANSWERED, on=date(2026, 11, 20), by=None, at=NOW)
    engine.run()
    assert keys() == ["c-3"]


def test_a_request_for_erasure_holds_nothing(engine, world, dpo):
    old_and_young(world, old=1, young=1)
    requests.file_request(
        world.register, rights=["erasure"], identity_kind="email", identity="u0@people.example",
        received_on=date(2026, 11, 2), by=None, at=NOW,
    )  # fmt: skip
    engine.armed(dpo)
    engine.run()
    assert keys() == ["c-1"]


def test_a_hold_on_a_person_is_found_by_key_or_by_name(engine, world, dpo):
    old_and_young(world, old=3, young=1)
    for identity, value in (("number", "C-0"), ("email", "u1@people.example")):
        orders.open_hold(
            world.register, scope="person", reason="litige", opened_on=LATELY, review_on=LATELY, by=dpo,
            identity=identity, person=value,
        )  # fmt: skip
    engine.armed(dpo)
    engine.run()
    assert keys() == ["c-0", "c-1", "c-3"]


def test_the_rule_of_a_state_leaves_other_states_alone(engine, world, dpo):
    world.rule.state = world.regular
    world.rule.save()
    old_and_young(world, old=2, young=0)
    change_state(SubjectRecord.objects.get(key="c-0"), world.regular, on=LATELY, at=NOW, by=None)
    engine.armed(dpo)
    engine.run()
    assert keys() == ["c-1"]


class Lost(Exception):
    """Another worker has the batch."""


def lost():
    raise Lost


def test_records_of_a_batch_that_was_lost_stay(engine, world):
    world.rule.state = world.occasional
    world.rule.save()
    happens(record(world, "goes", state=world.occasional, since=LONG_AGO), "contact", LONG_AGO, "inbound")
    work = work_of(engine.fresh(), as_of=timezone.localdate())
    with opened(engine.fresh()) as ground:
        with pytest.raises(Lost):
            ground.carry_out(work, [("goes",)], make_sure=lost)
        assert ground.gone(work, [("goes",)]) == []
        assert ground.carry_out(work, [("goes",)]).erased == (("goes",),)


def test_what_changed_between_planning_and_erasing_is_looked_at_again(engine, world):
    world.rule.state = world.occasional
    world.rule.save()
    for key in ("stays", "goes", "answers"):
        happens(record(world, key, state=world.occasional, since=LONG_AGO), "contact", LONG_AGO, "inbound")
    work = work_of(engine.fresh(), as_of=timezone.localdate())
    with opened(engine.fresh()) as ground:
        planned = ground.next_keys(work, after=None, limit=10)
        assert planned == [("answers",), ("goes",), ("stays",)]
        assert ground.next_keys(work, after=("answers",), limit=1) == [("goes",)]
        change_state(SubjectRecord.objects.get(key="stays"), world.regular, on=LATELY, at=NOW, by=None)
        happens(SubjectRecord.objects.get(key="answers"), "contact", LATELY, "inbound")
        assert ground.carry_out(work, planned).erased == (("goes",),)
        assert ground.gone(work, planned) == [("goes",)]
        assert ground.still_due(work, planned) == []


def test_the_records_of_another_register_are_out_of_reach(engine, world, dpo, elsewhere):
    theirs = world_of(elsewhere)
    old_and_young(theirs, old=2, young=0)
    old_and_young(world, old=1, young=1)
    engine.armed(dpo)
    engine.run()
    assert SubjectRecord.objects.filter(register=elsewhere).count() == 2
    assert SubjectRecord.objects.filter(register=world.register).count() == 1


def test_query_and_rule_agree_on_every_day(engine, world):
    """The engine's cut-off and the assessment of the record say the same, day after day around the end."""
    row = record(world)
    happens(row, "contact", date(2023, 11, 20), "inbound")
    fresh = SubjectRecord.objects.with_facts().get()
    dating = Dating.of(world.register)
    for days in range(-3, 4):
        day = date(2026, 11, 20) + timedelta(days=days)
        with opened(engine.target) as ground:
            counted = ground.count(work_of(engine.fresh(), as_of=day)).due
        assert counted == (dating.assess(fresh, as_of=day).status == "due"), day


@pytest.mark.parametrize(
    "wrong",
    [
        {"table": "clients"}, {"key_columns": ["id"]}, {"step": "anonymise"}, {"state_column": "etat"},
    ],
    ids=str,
)  # fmt: skip
def test_what_has_no_meaning_for_records_is_refused(engine, wrong):
    Target.objects.filter(pk=engine.target.pk).update(**wrong)
    assert engine.previewed().refusals


# -- Greffier's own data ----------------------------------------------------------------------------------------------


@pytest.fixture
def own(acme: Any) -> Any:
    """Return a maker of targets over Greffier's own tables, under a rule of one year."""
    RetentionSettings.objects.create(register=acme, notice_days=0, most_percent=100)
    source = DataSource.objects.create(register=acme, name="Greffier", kind="own", batch_rows=2)

    def make(table: str, column: str, *, step: str = "erase", event: str = "data_collection", **rule: Any) -> World:
        rule = {"kind": "exact", "duration": "P1Y", "action": "erase", **rule}
        made = RetentionRule.objects.create(register=acme, ref=table.replace("_", "-"), description=table, **rule)
        StartEvent.objects.create(register=acme, rule=made, event=event)
        target = Target.objects.create(
            register=acme, name=table, rule=made, source=source, table=table, key_columns=["id"], step=step
        )
        TargetEvent.objects.create(register=acme, target=target, event=event, column=column)
        return World(acme, made, source, target, None)  # type: ignore[arg-type]

    return make


def asked(register, *, right="access", closed_on=None, identity="j@people.example"):
    request = requests.file_request(
        register,
        rights=[right],
        identity_kind="email",
        identity=identity,
        received_on=date(2020, 1, 2),
        by=None,
        at=NOW,
    )
    if closed_on:
        requests.close_request(request, state=RightsRequest.State.ANSWERED, on=closed_on, by=None, at=NOW)
    return request


def test_closed_requests_go_with_their_keys_open_and_restricting_ones_stay(own, acme, elsewhere, dpo):
    engine = own("rights_requests", "closed_on")
    gone = [asked(acme, closed_on=LONG_AGO, identity=f"{n}@people.example") for n in range(3)]
    kept = [
        asked(acme),
        asked(acme, right="restriction", closed_on=LONG_AGO),
        asked(acme, closed_on=LATELY),
        asked(elsewhere, closed_on=LONG_AGO),
    ]
    engine.armed(dpo)
    run = engine.run()
    assert (run.state, run.rows_erased) == (Run.State.DONE, 3)
    assert set(RightsRequest.objects.all()) == set(kept)
    assert not Key.objects.filter(purpose="request", subject_id__in=[row.pk for row in gone]).exists()
    assert engine.run().why == Run.Why.NOTHING_DUE


def mail(register, *, handed_over_at, to="j@people.example"):
    job = Job.objects.create(
        register=register, kind="mail.hand_over", slot=f"m{Job.objects.count()}", state="done",
        due_at=NOW, asked_at=NOW, finished_at=NOW,
    )  # fmt: skip
    state = {"state": "handed_over", "handed_over_at": handed_over_at, "token": 1} if handed_over_at else {}
    return Mail.objects.create(
        register=register, job=job, recipient=to, sender="a@acme.example", subject="s", body="b",
        message_id=f"<{job.pk}@x>", planned_at=NOW, **state,
    )  # fmt: skip


def test_mails_go_a_year_after_they_were_handed_over_in_the_register_s_zone(own, acme, dpo):
    engine = own("mails", "handed_over_at")
    today = timezone.localdate()
    last_year = today.replace(year=today.year - 1) if (today.month, today.day) != (2, 29) else today - timedelta(366)
    first_moment = datetime.combine(last_year, datetime.min.time()).replace(tzinfo=timezone.get_default_timezone())
    gone = mail(acme, handed_over_at=first_moment - timedelta(seconds=1))
    kept = [mail(acme, handed_over_at=first_moment), mail(acme, handed_over_at=None)]
    engine.armed(dpo)
    engine.run()
    assert set(Mail.objects.all()) == set(kept)
    assert gone not in kept


def test_a_hold_keeps_the_mails_to_its_person(own, acme, dpo):
    engine = own("mails", "handed_over_at")
    held = mail(acme, handed_over_at=NOW - timedelta(days=800), to="Jeanne@People.example")
    mail(acme, handed_over_at=NOW - timedelta(days=800))
    orders.open_hold(
        acme, scope="person", reason="litige", opened_on=LATELY, review_on=LATELY, by=dpo,
        identity="email", person="jeanne@people.example",
    )  # fmt: skip
    assert engine.previewed().counts["held"] == 1
    engine.armed(dpo)
    engine.run()
    assert list(Mail.objects.all()) == [held]


def test_lists_of_what_was_erased_go_when_the_backups_and_the_years_are_over(own, acme, dpo):
    engine = own("erasure_lists", "copies_gone_on")
    DataSource.objects.update(backup_days=30)
    other = own("mails", "handed_over_at")
    mail(acme, handed_over_at=NOW - timedelta(days=800))
    other.armed(dpo)
    other.run()
    row = ErasureList.objects.get()
    batch = row.batch
    today = timezone.localdate()
    for days, due in ((366 + 28, 0), (366 + 31, 1)):
        ErasureList.objects.update(made_on=today - timedelta(days=days))
        assert engine.previewed().counts["due"] == due
    engine.armed(dpo)
    engine.run()
    assert not ErasureList.objects.filter(batch=batch).exists()
    assert Batch.objects.get(pk=batch.pk).root == batch.root
    assert Event.objects.get(verb="erasure_list_erased").details == {"batch": batch.pk, "root": batch.root}


def test_a_list_stays_where_nobody_said_how_long_backups_last(own, acme, dpo, settings):
    engine = own("erasure_lists", "copies_gone_on")
    other = own("mails", "handed_over_at")
    mail(acme, handed_over_at=NOW - timedelta(days=800))
    other.armed(dpo)
    other.run()
    ErasureList.objects.update(made_on=date(2010, 1, 1))
    settings.BACKUP_DAYS = None
    assert engine.previewed().counts["due"] == 0
    settings.BACKUP_DAYS = 30
    assert engine.previewed().counts["due"] == 1


def closed_account(register, address, *, since):
    user = User.objects.create_user(address, "x" * 20, name="Jeanne Dupont")
    join(Membership(user=user, register=register, role=Role.STAFF), actor=None)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    with transaction.atomic():
        evidence(Event.Verb.DEACTIVATED, user, register=register, actor=None, details={}, at=since)
    return user


def test_closed_accounts_keep_their_number_and_nothing_that_names_a_person(own, acme, elsewhere, dpo):
    engine = own("accounts", "deactivated_at", step="anonymise", action="anonymise")
    gone = closed_account(acme, "jeanne@acme.example", since=NOW - timedelta(days=800))
    recent = closed_account(acme, "paul@acme.example", since=NOW - timedelta(days=10))
    both = closed_account(acme, "anne@acme.example", since=NOW - timedelta(days=800))
    join(Membership(user=both, register=elsewhere, role=Role.STAFF), actor=None)
    engine.armed(dpo)
    run = engine.run()
    assert (run.state, run.rows_treated, run.rows_erased) == (Run.State.DONE, 1, 0)
    gone.refresh_from_db()
    assert (gone.email, gone.name) == (f"{gone.pk}@removed.invalid", "")
    assert not gone.has_usable_password()
    for user in (recent, both, dpo):
        before = user.email
        user.refresh_from_db()
        assert user.email == before
    assert engine.run().why == Run.Why.NOTHING_DUE


@pytest.mark.parametrize(
    "wrong", [{"table": "foundation_event"}, {"key_columns": ["key"]}, {"step": "anonymise"}], ids=str
)
def test_evidence_and_whatever_is_not_listed_never_goes(own, wrong):
    engine = own("mails", "handed_over_at")
    Target.objects.filter(pk=engine.target.pk).update(**wrong)
    preview = engine.previewed()
    assert preview.refusals
    assert not preview.may_be_armed


def test_a_column_that_does_not_date_a_row_is_refused(own):
    engine = own("mails", "planned_at")
    assert engine.previewed().refusals


def test_own_rows_of_a_batch_that_was_lost_stay(own, acme, dpo):
    engine = own("mails", "handed_over_at")
    mail(acme, handed_over_at=NOW - timedelta(days=800))
    work = work_of(engine.fresh(), as_of=LATELY)
    with opened(engine.target) as ground:
        keys = ground.next_keys(work, after=None, limit=1)
        with pytest.raises(Lost):
            ground.carry_out(work, keys, make_sure=lost)
        assert (len(keys), ground.still_due(work, keys)) == (1, keys)


def test_a_hold_on_the_rule_keeps_everything(own, acme, dpo):
    engine = own("mails", "handed_over_at")
    mail(acme, handed_over_at=NOW - timedelta(days=800))
    work = work_of(engine.fresh(), as_of=LATELY)
    with opened(engine.target) as ground:
        counts = ground.count(replace(work, exclusions=Exclusions(everything=True)))
    assert (counts.due, counts.held) == (0, 1)
