"""A run: erases what is due and nothing else, says why where it does nothing, and stops where it should."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.evidence.models import Event
from foundation.evidence.sealing import seal_all
from foundation.jobs import orders, running
from foundation.jobs.asking import ask
from foundation.jobs.models import Job
from foundation.keys import actions as keys
from foundation.models import Key
from retention import actions
from retention.errors import GroundError
from retention.exclusions import as_text
from retention.models import Arming, Batch, ErasureList, Run, Target
from retention.proof import find_erasure
from retention.running import batches, ending, passes, recovering, seals
from tests.evidence.conftest import faults
from tests.retention.world import make_world, reach_directly

pytestmark = pytest.mark.django_db

State, Why = Run.State, Run.Why


def said(run):
    return (run.state, run.why)


def test_a_run_erases_what_is_due_with_its_children_and_nothing_else(shop, dpo):
    shop.fill(old=25, young=15, orders=12)
    shop.armed(dpo)
    run = shop.run()
    assert said(run) == (State.DONE, "")
    assert shop.ids() == set(range(26, 41))
    assert shop.ids("orders") == set()
    assert (run.rows_due, run.rows_erased, run.rows_treated, run.rows_kept, run.rows_locked) == (25, 25, 0, 0, 0)
    assert run.child_rows == {"orders": [12, 0]}
    assert [batch.rows for batch in run.batches.order_by("number")] == [10, 10, 5]


def test_no_key_is_left_once_a_batch_is_done(shop, dpo):
    shop.fill(old=12, young=1)
    shop.armed(dpo)
    run = shop.run()
    assert {bytes(batch.sealed_keys) for batch in run.batches.all()} == {b""}
    assert as_text((7,)).encode() not in b"".join(bytes(one.digests) for one in ErasureList.objects.all())


def test_what_went_can_be_proved_and_what_stayed_cannot(shop, dpo):
    shop.fill(old=25, young=5)
    shop.armed(dpo)
    run = shop.run()
    for key in (1, 13, 25):
        batch, proof = find_erasure(shop.target, (key,))
        assert batch.run == run
        assert proof.leads_to(batch.root)
        assert not proof.leads_to("0" * 64)
    assert find_erasure(shop.target, (26,)) is None


def test_a_list_that_was_changed_proves_nothing(shop, dpo):
    shop.fill(old=3, young=1)
    shop.armed(dpo)
    shop.run()
    one = ErasureList.objects.get()
    ErasureList.objects.update(digests=bytes(one.digests)[:64] + b"\xff" * 32)
    assert find_erasure(shop.target, (1,)) is None


def test_evidence_tells_each_step(shop, dpo):
    shop.fill(old=12, young=1)
    shop.armed(dpo)
    run = shop.run()
    verbs = list(Event.objects.filter(register=shop.register).order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "target_armed", "run_started", "batch_planned", "batch_done", "batch_planned", "batch_done", "run_ended",
    ]  # fmt: skip
    done = Event.objects.filter(verb="batch_done").earliest("pk")
    assert done.details["root"] == run.batches.get(number=1).root
    assert done.details["erased"] == 10
    assert Event.objects.get(verb="run_ended").details["state"] == "done"


# -- a run that does nothing says why ---------------------------------------------------------------------------------


def test_nothing_runs_that_is_not_armed(shop):
    shop.fill(old=3, young=1)
    assert said(shop.run()) == (State.NOTHING, Why.NOT_ARMED)
    assert len(shop.ids()) == 4


def test_nothing_runs_before_the_notice_is_over(shop, dpo):
    shop.fill(old=3, young=1)
    shop.settings(notice_days=7)
    shop.armed(dpo)
    assert said(shop.run()) == (State.NOTHING, Why.NOTICE)
    with pytest.raises(actions.NoticeLasts):
        actions.run_now(shop.target, by=dpo, at=timezone.now())
    assert len(shop.ids()) == 4


def test_nothing_due_is_said(shop, dpo):
    shop.fill(old=0, young=3)
    shop.armed(dpo)
    run = shop.run()
    assert said(run) == (State.NOTHING, Why.NOTHING_DUE)
    assert run.finished_at is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda shop: shop.rule.__class__.objects.update(duration="P2Y"), Arming.Void.RULE),
        (lambda shop: Target.objects.update(state_column="state", state_values=["client"]), Arming.Void.MAPPING),
        (lambda shop: shop.do("ALTER TABLE client ADD COLUMN phone varchar(20)"), Arming.Void.SCHEMA),
        (lambda shop: shop.fill(old=120, young=0, first=1000), Arming.Void.COUNT),
    ],
    ids=["rule", "mapping", "schema", "count"],
)
def test_what_changed_since_it_was_armed_makes_the_arming_void(shop, dpo, change, code):
    shop.fill(old=3, young=1)
    arming = shop.armed(dpo)
    change(shop)
    run = shop.run()
    assert said(run) == (State.STOPPED, Why.ARMING_VOID)
    arming.refresh_from_db()
    assert (arming.void_code, arming.void_by) == (code, None)
    assert {1, 2, 3, 4} <= shop.ids()
    assert said(shop.run()) == (State.NOTHING, Why.NOT_ARMED)


@pytest.mark.parametrize(
    ("limit", "why"), [({"most_rows": 9}, Why.BREAKER_ROWS), ({"most_percent": 49}, Why.BREAKER_PERCENT)]
)
def test_the_breaker_stops_a_run_that_would_touch_too_much(shop, dpo, limit, why):
    shop.fill(old=10, young=10)
    shop.armed(dpo)
    shop.settings(**limit)
    run = shop.run()
    assert (said(run), run.rows_due) == ((State.STOPPED, why), 10)
    assert len(shop.ids()) == 20
    assert Arming.objects.standing().exists()


def test_clocks_that_differ_decide_nothing(shop, dpo, monkeypatch):
    from retention.statements.ground import SqlGround

    shop.fill(old=3, young=1)
    shop.armed(dpo)
    monkeypatch.setattr(SqlGround, "clock", lambda self: timezone.now() + timedelta(seconds=61))
    assert said(shop.run()) == (State.NOTHING, Why.CLOCKS)
    assert len(shop.ids()) == 4


def test_a_source_without_an_address_is_unreachable(shop, dpo):
    shop.fill(old=3, young=1)
    shop.armed(dpo)
    shop.source.__class__.objects.update(url="")
    run = shop.run()
    assert said(run) == (State.INCOMPLETE, Why.UNREACHABLE)


def test_a_rule_that_no_job_can_carry_out_runs_nowhere(shop, dpo):
    from retention.models import NotExecutable

    shop.fill(old=3, young=1)
    shop.armed(dpo)
    NotExecutable.objects.create(register=shop.register, rule=shop.rule, reason="By hand.")
    assert said(shop.run()) == (State.NOTHING, Why.NOT_EXECUTABLE)


def test_public_archives_wait_for_their_visa(shop, dpo):
    shop.fill(old=3, young=1)
    shop.armed(dpo)
    shop.settings(is_public_body=True)
    assert said(shop.run()) == (State.NOTHING, Why.VISA)
    Target.objects.update(visa_reference="AD 2026-17")
    assert said(shop.run()) == (State.DONE, "")


def test_rules_that_contradict_each_other_run_nowhere(shop, dpo):
    from retention.models import RetentionRule, StartEvent

    shop.fill(old=3, young=1)
    shop.armed(dpo)
    other = RetentionRule.objects.create(
        register=shop.register, ref="longer", description="Longer", kind="exact", duration="P5Y", action="erase"
    )
    StartEvent.objects.create(register=shop.register, rule=other, event="last_inbound_contact")
    assert said(shop.run()) == (State.NOTHING, Why.CONFLICT)
    assert len(shop.ids()) == 4


# -- in the middle ----------------------------------------------------------------------------------------------------


def in_the_middle(monkeypatch, act, *, after=1):
    """Have something happen once this many batches are done."""
    settled, settle = [], passes.settle

    def settle_and_act(job, planned, result, *, is_recovered):
        settle(job, planned, result, is_recovered=is_recovered)
        settled.append(planned)
        if len(settled) == after:
            act()

    monkeypatch.setattr(passes, "settle", settle_and_act)


def test_a_hold_on_a_record_placed_in_the_middle_keeps_it(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    in_the_middle(monkeypatch, lambda: hold(shop, dpo, scope="record", target=shop.target, record_key=(17,)))
    assert said(shop.run()) == (State.DONE, "")
    assert shop.ids() == {17, 26}


def test_a_hold_on_a_person_placed_between_planning_and_erasing_keeps_their_row(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    in_the_middle(monkeypatch, lambda: hold(shop, dpo, scope="person", identity="email", person=" U17@x.Example "))
    run = shop.run()
    assert shop.ids() == {17, 26}
    assert run.rows_erased == 24


def test_a_hold_on_the_rule_placed_in_the_middle_stops_the_run(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    in_the_middle(monkeypatch, lambda: hold(shop, dpo, scope="rule", rule=shop.rule))
    assert said(shop.run()) == (State.INCOMPLETE, Why.HELD)
    assert len(shop.ids()) == 16
    assert said(shop.run()) == (State.NOTHING, Why.HELD)


def test_a_released_hold_lets_the_row_go_at_the_next_run(shop, dpo):
    shop.fill(old=3, young=1)
    held = hold(shop, dpo, scope="record", target=shop.target, record_key=(2,))
    shop.armed(dpo)
    assert said(shop.run()) == (State.DONE, "")
    assert shop.ids() == {2, 4}
    actions.release_hold(held, reason="Settled.", on=timezone.localdate(), by=dpo)
    shop.run()
    assert shop.ids() == {4}


def hold(shop, dpo, **what):
    today = timezone.localdate()
    return actions.open_hold(
        shop.register, reason="Dispute.", opened_on=today, review_on=today + timedelta(days=90), by=dpo, **what
    )


def test_a_run_that_is_stopped_stops_before_the_next_batch(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    in_the_middle(monkeypatch, lambda: actions.stop_run(shop.last_run(), by=dpo, at=timezone.now()))
    run = shop.run()
    assert said(run) == (State.STOPPED, Why.STOPPED_BY_PERSON)
    assert (run.rows_erased, len(shop.ids())) == (10, 16)
    with pytest.raises(actions.RunHasEnded):
        actions.stop_run(run, by=dpo, at=timezone.now())


def test_disarming_in_the_middle_stops_before_the_next_batch(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    arming = shop.armed(dpo)
    in_the_middle(monkeypatch, lambda: actions.disarm(arming, by=dpo, at=timezone.now()))
    assert said(shop.run()) == (State.STOPPED, Why.ARMING_VOID)
    assert len(shop.ids()) == 16


def test_a_mapping_changed_in_the_middle_stops_before_the_next_batch(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    arming = shop.armed(dpo)
    in_the_middle(monkeypatch, lambda: Target.objects.update(state_column="state", state_values=["client"]))
    assert said(shop.run()) == (State.STOPPED, Why.ARMING_VOID)
    arming.refresh_from_db()
    assert arming.void_code == Arming.Void.MAPPING


def test_the_kill_switch_halts_between_batches_and_the_run_goes_on_afterwards(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    halts = []
    in_the_middle(
        monkeypatch,
        lambda: halts.append(orders.stop_work(register=shop.register, reason="Look first.", actor=dpo)),
    )
    job = shop.asked()
    running.run(job.pk)
    assert (shop.last_run().state, len(shop.ids())) == (State.RUNNING, 16)
    monkeypatch.undo()
    orders.let_go_on(type(halts[0]).objects.all())
    running.run(job.pk)
    assert said(shop.last_run()) == (State.DONE, "")
    assert shop.ids() == {26}


def test_a_cancelled_job_ends_its_run_as_stopped(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    job = shop.asked()
    in_the_middle(monkeypatch, lambda: orders.cancel(job.pk, actor=dpo))
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert said(shop.last_run()) == (State.STOPPED, Why.STOPPED_BY_PERSON)


# -- rows of others, and others at work --------------------------------------------------------------------------------


def test_locked_rows_are_left_and_go_the_next_night(shop_on_postgresql, dpo):
    shop = shop_on_postgresql
    shop.fill(old=12, young=1)
    shop.armed(dpo)
    with shop.locked(3, 4):
        run = shop.run()
        assert said(run) == (State.INCOMPLETE, Why.LOCKED)
        assert (run.rows_erased, run.rows_locked) == (10, 2)
    assert shop.ids() == {3, 4, 13}
    assert said(shop.run()) == (State.DONE, "")
    assert shop.ids() == {13}


def test_a_row_that_comes_back_to_life_meanwhile_is_kept(shop, dpo, monkeypatch):
    shop.fill(old=12, young=1)
    shop.armed(dpo)
    real = batches.plan

    def plan_and_revive(*arguments):
        planned = real(*arguments)
        shop.do("UPDATE client SET last_contact = date('now') WHERE id = 5")
        return planned

    monkeypatch.setattr(passes, "plan", plan_and_revive)
    run = shop.run()
    assert said(run) == (State.DONE, "")
    assert (run.rows_erased, run.rows_kept, shop.ids()) == (11, 1, {5, 13})
    assert find_erasure(shop.target, (5,)) is None


def test_rows_that_come_back_at_once_stop_the_run(shop_on_postgresql, dpo):
    shop = shop_on_postgresql
    shop.fill(old=12, young=1)
    shop.do(
        "CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO client VALUES (OLD.id, OLD.email, OLD.last_contact, OLD.state); RETURN NULL; END $$"
    )
    shop.do("CREATE TRIGGER back AFTER DELETE ON client FOR EACH ROW WHEN (OLD.id = 5) EXECUTE FUNCTION back()")
    shop.armed(dpo)
    run = shop.run()
    assert said(run) == (State.STOPPED, Why.COUNT_DIFFERS)
    assert run.batches.count() == 1
    assert run.rows_erased == 9


def test_one_job_at_a_time_runs_a_target(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    in_the_middle(monkeypatch, lambda: running.run(shop.asked("another").pk))
    run = shop.run()
    assert said(run) == (State.DONE, "")
    assert Run.objects.count() == 1


def test_a_second_worker_takes_other_ranges_and_the_last_one_closes_the_run(shop, dpo, monkeypatch):
    shop.fill(old=45, young=1)
    shop.armed(dpo)
    shop.source.__class__.objects.update(workers=2)
    helpers = []

    def help_once():
        helper = Job.objects.get(kind=passes.HELP)
        running.run(helper.pk)
        helpers.append(Job.objects.get(pk=helper.pk).state)

    in_the_middle(monkeypatch, help_once)
    run = shop.run()
    assert said(run) == (State.DONE, "")
    assert helpers == [Job.State.DONE]
    assert shop.ids() == {46}
    assert len(set(run.batches.values_list("token", flat=True))) == 2
    assert sum(run.batches.values_list("rows_erased", flat=True)) == run.rows_erased == 45


# -- after a crash ----------------------------------------------------------------------------------------------------


class Crash(Exception):
    """What a kill looks like from inside one process: the job is left as it was, held by nobody."""


def crash(shop, monkeypatch, *, where):
    """Begin a run that dies in its second batch, before or after the rows are gone; return its job."""
    real, calls = batches.carry_out, []

    def dying(ground, work, planned):
        calls.append(planned)
        if len(calls) < 2:
            return real(ground, work, planned)
        if where == "after":
            real(ground, work, planned)
        raise Crash

    monkeypatch.setattr(passes, "carry_out", dying)
    job = shop.asked()
    held = running.take(job.pk)
    with pytest.raises(Crash):
        held.kind.handler(held)
    monkeypatch.setattr(passes, "carry_out", real)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    return job


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_next_holder_looks_at_the_rows_and_goes_on(shop, dpo, monkeypatch, where):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    job = crash(shop, monkeypatch, where=where)
    assert len(shop.ids()) == (16 if where == "before" else 6)
    running.run(job.pk)
    run = shop.last_run()
    assert said(run) == (State.DONE, "")
    assert (shop.ids(), run.rows_erased, run.rows_kept) == ({26}, 25, 0)
    assert list(run.batches.order_by("number").values_list("is_recovered", flat=True)) == [False, True, False]
    assert find_erasure(shop.target, (15,)) is not None


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_batch_left_by_a_run_that_may_not_go_on_is_looked_at_only(shop, dpo, monkeypatch, where):
    shop.fill(old=25, young=1)
    arming = shop.armed(dpo)
    job = crash(shop, monkeypatch, where=where)
    left = shop.ids()
    actions.disarm(arming, by=dpo, at=timezone.now())
    running.run(job.pk)
    run = shop.last_run()
    assert said(run) == (State.STOPPED, Why.ARMING_VOID)
    assert shop.ids() == left
    assert (run.rows_erased, run.rows_kept) == ((10, 10) if where == "before" else (20, 0))


def test_a_run_whose_job_was_given_up_is_settled_by_the_next_night(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    job = crash(shop, monkeypatch, where="after")
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, lease_until=None)
    first = shop.last_run()
    second = shop.run()
    first.refresh_from_db()
    assert said(first) == (State.INCOMPLETE, Why.FAILED)
    assert (first.rows_erased, second.rows_erased) == (20, 5)
    assert said(second) == (State.DONE, "")


@pytest.mark.parametrize("is_given_up", [False, True], ids=["by the same job", "by the next night"])
def test_a_run_whose_key_was_destroyed_ends_and_the_next_one_goes_on(shop, dpo, monkeypatch, is_given_up):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    job = crash(shop, monkeypatch, where="after")
    keys.destroy(Key.objects.filter(purpose=seals.PURPOSE).values_list("pk", flat=True), actor=dpo,
                 at=timezone.now(), with_values=True)  # fmt: skip
    if is_given_up:
        Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, lease_until=None)
    else:
        running.run(job.pk)
    first = shop.last_run()
    second = shop.run()
    first.refresh_from_db()
    assert said(first) == (State.INCOMPLETE, Why.FAILED)
    assert [batch.state for batch in first.batches.order_by("number")] == [Batch.State.DONE, Batch.State.PLANNED]
    assert (said(second), second.rows_erased, shop.ids()) == ((State.DONE, ""), 5, {26})
    assert said(shop.run()) == (State.NOTHING, Why.NOTHING_DUE)


def test_a_worker_that_lost_its_job_writes_nothing_any_more(shop, dpo, monkeypatch):
    shop.fill(old=12, young=1)
    shop.armed(dpo)
    job = shop.asked()
    real = batches.carry_out

    def lose_the_job(ground, work, planned):
        monkeypatch.setattr(passes, "carry_out", real)
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        running.run(job.pk)  # another worker takes over, and ends the run
        return real(ground, work, planned)

    monkeypatch.setattr(passes, "carry_out", lose_the_job)
    running.run(job.pk)
    run = shop.last_run()
    assert said(run) == (State.DONE, "")
    assert run.rows_erased == 12
    assert Batch.objects.filter(state="planned").count() == 0


def test_asking_again_for_a_night_that_ran_runs_nothing(shop, dpo):
    shop.fill(old=3, young=1)
    shop.armed(dpo)
    job = ask("retention.run", slot="night", subject=shop.target.pk, register=shop.register)
    running.run(job.pk)
    Job.objects.filter(pk=job.pk).update(state=Job.State.ASKED, finished_at=None)
    running.run(job.pk)
    assert Run.objects.count() == 1


def test_the_ledger_tells_a_batch_that_was_changed_afterwards(shop, dpo):
    shop.fill(old=12, young=1)
    shop.armed(dpo)
    run = shop.run()
    seal_all(timezone.now())
    assert faults() == []
    run.batches.filter(number=1).update(rows_erased=9)
    assert any("rows_erased" in fault for fault in faults())


@pytest.mark.parametrize("business_database", ["postgresql", "mariadb"], indirect=True)
def test_a_run_goes_the_same_on_each_server(acme, dpo, business_database, monkeypatch):
    reach_directly(business_database, monkeypatch)
    shop = make_world(acme, business_database)
    shop.fill(old=25, young=5, orders=12)
    shop.armed(dpo)
    run = shop.run()
    assert said(run) == (State.DONE, "")
    assert (shop.ids(), shop.ids("orders"), run.rows_erased) == (set(range(26, 31)), set(), 25)


def test_a_worker_that_dies_while_the_last_one_closes_is_not_forgotten(shop, dpo, monkeypatch):
    """The helper's batch is found when the first one wants to close, and taken over."""
    shop.fill(old=45, young=1)
    shop.armed(dpo)
    shop.source.__class__.objects.update(workers=2)
    real, dead = ending.is_left_behind, []

    def die_before_closing(run, job):
        if not dead:
            dead.append(True)
            batch = run.batches.latest("number")
            key = seals.keys_as_bytes([(46,)])
            seals.seal(batch, "sealed_keys", key)
            Batch.objects.filter(pk=batch.pk).update(
                state="planned", done_at=None, token=1, sealed_keys=batch.sealed_keys
            )
            ErasureList.objects.filter(batch=batch).delete()
        return real(run, job)

    monkeypatch.setattr(ending, "is_left_behind", die_before_closing)
    run = shop.run()
    assert run.state == State.DONE
    assert not Batch.objects.filter(state="planned").exists()
    assert run.batches.filter(is_recovered=True).count() == 1
    assert shop.ids() == {46}


def helper_in_the_middle(monkeypatch, before=lambda: None):
    """Have a helper work while the first worker is in the middle of its first batch."""
    real, calls = batches.carry_out, []

    def carry_out(ground, work, planned):
        calls.append(planned)
        if len(calls) == 1:
            before()
            running.run(Job.objects.get(kind=passes.HELP).pk)
        return real(ground, work, planned)

    monkeypatch.setattr(passes, "carry_out", carry_out)
    monkeypatch.setattr(recovering, "carry_out", carry_out)


def test_a_batch_whose_worker_lives_is_left_to_it(shop, dpo, monkeypatch):
    shop.fill(old=45, young=1)
    shop.armed(dpo)
    shop.source.__class__.objects.update(workers=2)
    helper_in_the_middle(monkeypatch)
    run = shop.run()
    assert said(run) == (State.DONE, "")
    assert not run.batches.filter(is_recovered=True).exists()
    assert run.rows_erased == 45


def test_a_worker_that_wakes_up_after_its_batch_was_taken_over_counts_nothing_twice(shop, dpo, monkeypatch):
    """It was frozen for longer than its lease, and nobody has taken its job meanwhile: only its batch."""
    shop.fill(old=45, young=1)
    shop.armed(dpo)
    shop.source.__class__.objects.update(workers=2)
    long_ago = timezone.now() - timedelta(seconds=1)
    helper_in_the_middle(monkeypatch, lambda: Job.objects.filter(kind=passes.RUN).update(lease_until=long_ago))
    run = shop.run()
    assert run.batches.filter(is_recovered=True).count() == 1
    assert run.rows_erased == 45
    assert (run.rows_kept, run.state) == (0, State.DONE)
    assert Event.objects.filter(verb="batch_done").count() == run.batches.count()


def lost_after_the_first(monkeypatch, *, may_pass):
    """Have the place lose the connection once a batch was carried out, so that nobody is told."""
    real, calls = batches.carry_out, []

    def carry_out(ground, work, planned):
        calls.append(planned)
        result = real(ground, work, planned)
        if len(calls) == 1:
            raise GroundError("The connection was lost.", cause="lost", may_pass=may_pass)
        return result

    monkeypatch.setattr(passes, "carry_out", carry_out)


def test_a_place_that_refuses_leaves_its_batch_to_the_next_run(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    lost_after_the_first(monkeypatch, may_pass=False)
    first = shop.run()
    assert said(first) == (State.INCOMPLETE, Why.FAILED)
    assert (first.rows_erased, len(shop.ids())) == (0, 16)
    second = shop.run()
    first.refresh_from_db()
    assert (first.rows_erased, second.rows_erased) == (10, 15)
    assert first.batches.get().is_recovered
    assert said(second) == (State.DONE, "")


def test_a_connection_that_broke_is_tried_again_and_the_run_goes_on(shop, dpo, monkeypatch):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    lost_after_the_first(monkeypatch, may_pass=True)
    job = shop.asked()
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, shop.last_run().state) == (Job.State.ASKED, State.RUNNING)
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    running.run(job.pk)
    run = shop.last_run()
    assert (said(run), run.rows_erased) == ((State.DONE, ""), 25)
    assert run.batches.get(number=1).is_recovered


def test_a_helper_heeds_what_was_ordered_to_the_runs_own_job(shop, dpo, monkeypatch):
    shop.fill(old=45, young=1)
    shop.armed(dpo)
    shop.source.__class__.objects.update(workers=2)
    job = shop.asked()
    helper_in_the_middle(monkeypatch, lambda: orders.pause(job.pk, actor=dpo))
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.PAUSED
    assert Job.objects.get(kind=passes.HELP).state == Job.State.ASKED
    assert shop.last_run().batches.count() == 1
    orders.resume(job.pk, actor=dpo)
    running.run(job.pk)
    assert said(shop.last_run()) == (State.DONE, "")
