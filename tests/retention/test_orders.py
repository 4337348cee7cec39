"""What persons order: previews, armings, runs, holds and decisions, each refused in words where it may not be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.accounts.models import Register
from foundation.evidence.models import Event
from foundation.history import Change
from foundation.jobs.models import Job
from register.models import ProcessingActivity
from retention import actions, exclusions
from retention.errors import AlreadyArmed, DecisionRefused, HoldRefused, NotArmable, NotArmed, SourceRefused
from retention.grounds import set_url
from retention.models import Arming, DataSource, Decision, Preview, RetentionRule, StartEvent, Target
from retention.places import login_of
from retention.planning import Blocked, plan_of, work_of

pytestmark = pytest.mark.django_db


def arm(preview, dpo, at=None):
    return actions.arm(preview, reason="Looks right.", by=dpo, at=at or timezone.now())


# -- previews and armings ---------------------------------------------------------------------------------------------


def test_a_preview_counts_and_changes_nothing(shop, dpo):
    shop.fill(old=3, young=2, orders=2)
    preview = shop.previewed(by=dpo)
    assert preview.may_be_armed
    assert preview.counts["due"] == preview.counts["erased"] == 3
    assert preview.counts["rows"] == 5
    assert preview.counts["children"] == {"orders": [2, 0]}
    assert preview.cut_off["events"] == ["last_inbound_contact"]
    assert len(shop.ids()) == 5


def test_a_preview_may_be_of_another_day(shop):
    shop.fill(old=3, young=2)
    later = timezone.localdate() + timedelta(days=3 * 366)
    assert shop.previewed(as_of=later).counts["due"] == 5


def test_a_preview_says_what_speaks_against_a_run(shop, dpo):
    Target.objects.update(table="no_such_table")
    preview = shop.previewed()
    assert preview.is_counted
    assert len(preview.refusals) == 1
    with pytest.raises(NotArmable, match="nothing may run"):
        arm(preview, dpo)


def test_a_preview_of_a_rule_without_a_date_says_why(shop):
    RetentionRule.objects.update(kind="criterion", duration="", criterion="As long as useful")
    Register.objects.update(language="en")
    assert shop.previewed().refusals == ["the text gives no date"]


def test_arming_leaves_evidence_and_waits_for_the_notice(shop, dpo):
    shop.fill(old=3, young=2)
    shop.register.refresh_from_db()
    settings = shop.settings(notice_days=7)
    now = timezone.now()
    arming = arm(shop.previewed(), dpo, now)
    assert arming.runs_from == now + timedelta(days=settings.notice_days)
    event = Event.objects.get(verb="target_armed")
    assert (event.actor_id, event.details["due"]) == (dpo.pk, 3)


def test_what_may_not_be_armed_is_refused(shop, dpo):
    shop.fill(old=3, young=2)
    now = timezone.now()
    uncounted = actions.ask_preview(shop.target, as_of=timezone.localdate(), by=dpo, at=now)
    with pytest.raises(NotArmable, match="not been counted"):
        arm(uncounted, dpo)
    with pytest.raises(NotArmable, match="14 days"):
        arm(shop.previewed(), dpo, now + timedelta(days=15))
    with pytest.raises(NotArmable, match="14 days"):
        arm(shop.previewed(as_of=timezone.localdate() + timedelta(days=1)), dpo)
    preview = shop.previewed()
    RetentionRule.objects.update(duration="P4Y")
    with pytest.raises(NotArmable, match="changed"):
        arm(preview, dpo)
    assert not Arming.objects.exists()


def test_a_held_rule_is_not_armed(shop, dpo):
    shop.fill(old=3, young=2)
    preview = shop.previewed()
    hold(shop, dpo, scope="rule", rule=shop.rule)
    with pytest.raises(NotArmable, match="held"):
        arm(preview, dpo)


def test_a_target_is_armed_once_and_a_preview_too(shop, dpo):
    shop.fill(old=3, young=2)
    preview = shop.previewed()
    arming = arm(preview, dpo)
    with pytest.raises(AlreadyArmed):
        arm(shop.previewed(), dpo)
    actions.disarm(arming, by=dpo, at=timezone.now())
    with pytest.raises(NotArmable, match="armed once"):
        arm(preview, dpo)
    with pytest.raises(NotArmed):
        actions.disarm(arming, by=dpo, at=timezone.now())
    assert Event.objects.filter(verb="arming_void").count() == 1


def test_a_run_of_now_is_one_job_however_often_it_is_asked_for(shop, dpo):
    shop.fill(old=3, young=2)
    with pytest.raises(NotArmed):
        actions.run_now(shop.target, by=dpo, at=timezone.now())
    arm(shop.previewed(), dpo)
    first = actions.run_now(shop.target, by=dpo, at=timezone.now())
    assert actions.run_now(shop.target, by=dpo, at=timezone.now()) == first
    assert Job.objects.filter(kind="retention.run").count() == 1


# -- holds ------------------------------------------------------------------------------------------------------------


def hold(shop, dpo, **what):
    today = timezone.localdate()
    return actions.open_hold(
        shop.register, reason="Dispute.", opened_on=today, review_on=today + timedelta(days=90), by=dpo, **what
    )


def held(shop):
    return exclusions.exclusions_of(shop.fresh(), on=timezone.localdate())


def test_a_hold_keeps_what_it_names_and_says_it_nowhere_in_clear(shop, dpo):
    one = hold(shop, dpo, scope="person", identity="email", person=" Marie@X.example")
    hold(shop, dpo, scope="record", target=shop.target, record_key=(17,))
    assert held(shop).people == {("email", "marie@x.example")}
    assert held(shop).keys == {(17,)}
    assert not held(shop).everything
    assert "marie" not in one.person.lower()
    written = str(list(Change.objects.values_list("changes", flat=True)))
    assert "marie" not in written.lower()


def test_a_record_is_held_for_every_target_of_its_table(shop, dpo):
    hold(shop, dpo, scope="record", target=shop.target, record_key=(17,))
    other = Target.objects.get(pk=shop.target.pk)
    other.pk, other.name = None, "Another"
    other.save()
    assert exclusions.exclusions_of(other, on=timezone.localdate()).keys == {(17,)}


def activity_of(shop, name):
    return ProcessingActivity.objects.create(register=shop.register, ref=name, name=name, role="controller")


def test_a_held_rule_or_activity_blocks_its_targets(shop, dpo):
    today = timezone.localdate()
    assert not isinstance(work_of(shop.fresh(), as_of=today), Blocked)
    one = hold(shop, dpo, scope="rule", rule=shop.rule)
    assert work_of(shop.fresh(), as_of=today) == Blocked("held")
    actions.release_hold(one, reason="Settled.", on=today, by=dpo)
    activity = activity_of(shop, "sales")
    elsewhere = activity_of(shop, "hr")
    shop.rule.activities.add(activity)
    other = hold(shop, dpo, scope="activity", activity=elsewhere)
    assert not held(shop).everything
    shop.rule.activities.clear()  # a rule of all activities
    assert held(shop).everything
    actions.release_hold(other, reason="Settled.", on=today, by=dpo)
    assert not held(shop).everything


def test_holds_that_say_nothing_are_refused(shop, dpo):
    for what in (
        {"scope": "person", "identity": "email", "person": "  "},
        {"scope": "record", "target": shop.target},
        {"scope": "record", "target": shop.target, "record_key": (1, 2)},
        {"scope": "rule"},
        {"scope": "activity"},
    ):
        with pytest.raises(HoldRefused):
            hold(shop, dpo, **what)


def test_a_hold_is_released_once_and_not_before_it_began(shop, dpo):
    one = hold(shop, dpo, scope="rule", rule=shop.rule)
    today = timezone.localdate()
    with pytest.raises(HoldRefused, match="before"):
        actions.release_hold(one, reason="?", on=today - timedelta(days=1), by=dpo)
    actions.release_hold(one, reason="Settled.", on=today, by=dpo)
    with pytest.raises(HoldRefused, match="already"):
        actions.release_hold(one, reason="Settled.", on=today, by=dpo)
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == ["hold_opened", "hold_released"]


def test_apps_above_declare_what_else_is_held(shop, monkeypatch):
    from retention.ground import Exclusions

    monkeypatch.setattr(exclusions, "_holdings", [])
    exclusions.declare_holding(lambda target: Exclusions(keys=frozenset({(3,)})))
    exclusions.declare_holding(lambda target: Exclusions(people=frozenset({("email", "a@b")})))
    assert (held(shop).keys, held(shop).people) == ({(3,)}, {("email", "a@b")})


# -- decisions --------------------------------------------------------------------------------------------------------


def decide(rule, dpo, **what):
    return actions.decide(rule, reason="The policy means it.", by=dpo, at=timezone.now(), **what)


def test_an_undecided_reading_blocks_until_it_is_decided_and_again_once_withdrawn(shop, dpo):
    StartEvent.objects.create(register=shop.register, rule=shop.rule, event="data_collection")
    RetentionRule.objects.update(combination="undetermined")
    today = timezone.localdate()
    assert work_of(shop.fresh(), as_of=today) == Blocked("undecided")
    before = plan_of(shop.fresh(), as_of=today).rule_version
    decision = decide(shop.rule, dpo, kind="combination", choice="latest")
    plan = plan_of(shop.fresh(), as_of=today)
    assert plan.outcome.cut_off.combination == "latest"
    assert plan.rule_version != before
    actions.withdraw(decision, by=dpo, at=timezone.now())
    assert work_of(shop.fresh(), as_of=today) == Blocked("undecided")
    with pytest.raises(DecisionRefused, match="withdrawn"):
        actions.withdraw(decision, by=dpo, at=timezone.now())


def test_a_new_decision_withdraws_the_one_before(shop, dpo):
    decide(shop.rule, dpo, kind="combination", choice="latest")
    decide(shop.rule, dpo, kind="combination", choice="earliest")
    assert list(Decision.objects.standing().values_list("choice", flat=True)) == ["earliest"]
    assert Decision.objects.count() == 2


def test_of_two_rules_one_prevails(shop, dpo):
    other = RetentionRule.objects.create(
        register=shop.register, ref="longer", description="Longer", kind="exact", duration="P5Y", action="erase"
    )
    StartEvent.objects.create(register=shop.register, rule=other, event="last_inbound_contact")
    today = timezone.localdate()
    assert work_of(shop.fresh(), as_of=today) == Blocked("conflict")
    decide(shop.rule, dpo, kind="precedence", choice="prevails", over=other)
    assert work_of(shop.fresh(), as_of=today).covers == ()
    decide(other, dpo, kind="precedence", choice="prevails", over=shop.rule)
    assert Decision.objects.standing().count() == 1
    (cover,) = work_of(shop.fresh(), as_of=today).covers
    assert (cover.rule, cover.columns) == ("longer", frozenset())
    assert cover.cut_off.day.year == today.year - 5


def test_decisions_that_answer_nothing_are_refused(shop, dpo):
    for what in (
        {"kind": "combination", "choice": "within"},
        {"kind": "precedence", "choice": "prevails"},
        {"kind": "precedence", "choice": "prevails", "over": shop.rule},
        {"kind": "moment", "choice": "within", "over": shop.rule},
    ):
        with pytest.raises(DecisionRefused):
            decide(shop.rule, dpo, **what)
    with pytest.raises(DecisionRefused, match="why"):
        actions.decide(shop.rule, kind="moment", choice="within", reason=" ", by=dpo, at=timezone.now())


def test_a_step_that_the_policy_leaves_open_waits_for_the_choice(shop, dpo):
    RetentionRule.objects.update(action="erase_or_anonymise")
    today = timezone.localdate()
    assert work_of(shop.fresh(), as_of=today) == Blocked("undecided")
    decide(shop.rule, dpo, kind="fate", choice="erase")
    assert not isinstance(work_of(shop.fresh(), as_of=today), Blocked)
    decide(shop.rule, dpo, kind="fate", choice="anonymise")
    assert work_of(shop.fresh(), as_of=today) == Blocked("mapping_refused")


# -- other rules over the same rows -----------------------------------------------------------------------------------


def test_another_rule_over_the_same_table_keeps_its_columns_until_it_is_over(shop):
    for rule, name in ((shop.rule, "sales"), (_another_rule(shop), "accounting")):
        rule.activities.add(activity_of(shop, name))
    (cover,) = work_of(shop.fresh(), as_of=timezone.localdate()).covers
    assert (cover.rule, cover.columns) == ("accounts", {"email"})
    assert cover.events == {"last_inbound_contact": "last_contact"}
    RetentionRule.objects.filter(ref="accounts").update(kind="criterion", duration="", criterion="Useful")
    (cover,) = work_of(shop.fresh(), as_of=timezone.localdate()).covers
    assert cover.cut_off is None


def _another_rule(shop):
    rule = RetentionRule.objects.create(
        register=shop.register, ref="accounts", description="Accounts", kind="exact", duration="P6Y",
        action="anonymise",
    )  # fmt: skip
    StartEvent.objects.create(register=shop.register, rule=rule, event="last_inbound_contact")
    other = Target.objects.create(
        register=shop.register, name="Accounts", rule=rule, source=shop.source, table="client", key_columns=["id"],
        step="anonymise",
    )  # fmt: skip
    other.events.create(register=shop.register, event="last_inbound_contact", column="last_contact")
    other.columns.create(register=shop.register, name="email", treatment="null", identity="email")
    return rule


def test_the_law_is_counted_from_the_fiscal_year_of_the_register(shop):
    from datetime import date

    shop.target.children.update(domain="invoice", domain_dated_by="note")
    assert work_of(shop.fresh(), as_of=date(2027, 1, 1)).law == {"invoice": date(2016, 12, 31)}
    shop.settings(fiscal_year_ends_month=6)
    assert work_of(shop.fresh(), as_of=date(2027, 1, 1)).law == {"invoice": date(2016, 6, 30)}


# -- addresses --------------------------------------------------------------------------------------------------------


def test_an_address_is_sealed_and_shown_without_its_password(shop, dpo):
    source = DataSource.objects.create(register=shop.register, name="ERP")
    source = set_url(source, "postgresql://greffier:s3cr%2Ft@db.example:5433/erp?sslmode=require", by=dpo)
    assert "s3cr" not in source.url
    assert source.place == "PostgreSQL, db.example:5433, erp"
    assert login_of(source).password == "s3cr/t"
    assert "s3cr" not in str(list(Change.objects.values_list("changes", flat=True)))
    with pytest.raises(SourceRefused):
        set_url(source, "oracle://x:y@db.example/z", by=dpo)


def test_previews_are_kept_as_they_were(shop):
    from django.db import DatabaseError, transaction

    preview = shop.previewed()
    with pytest.raises(DatabaseError), transaction.atomic():
        Preview.objects.filter(pk=preview.pk).update(rule_version="x")
