"""What other rules, holds and the law keep of the rows of a target, and that nobody takes it away unseen."""

import pytest
from django.utils import timezone

from retention import actions
from retention.models import Arming, RetentionException, RetentionRule, Run, StartEvent, Target
from retention.planning import work_of
from tests.retention.test_orders import activity_of, decide, hold
from tests.retention.test_runs import in_the_middle

pytestmark = pytest.mark.django_db


def another_rule(shop, *, duration="P6Y", **target):
    """Have a rule of another activity keep the clients for longer."""
    name_all_columns(shop)
    rule = RetentionRule.objects.create(
        register=shop.register, ref="accounts", description="Accounts", kind="exact", duration=duration, action="erase"
    )
    StartEvent.objects.create(register=shop.register, rule=rule, event="last_inbound_contact")
    shop.rule.activities.add(activity_of(shop, "sales"))
    rule.activities.add(activity_of(shop, "accounting"))
    bound(shop, rule, "Accounts", **target)
    return rule


def bound(shop, rule, name, **target):
    mapped = {"source": shop.source, "table": "client", "key_columns": ["id"], **target}
    other = Target.objects.create(register=shop.register, name=name, rule=rule, **mapped)
    other.events.create(register=shop.register, event="last_inbound_contact", column="last_contact")
    return other


def name_all_columns(shop, *of_orders):
    """Say what becomes of each column where a row stays."""
    shop.target.columns.create(register=shop.register, name="state", treatment="keep")
    child = shop.target.children.get()
    for name in ("id", "note", *of_orders):
        shop.target.columns.create(register=shop.register, child=child, name=name, treatment="keep")


def said(run):
    return (run.state, run.why)


@pytest.mark.parametrize(
    "change",
    [
        lambda shop, rule: Target.objects.get(name="Accounts").delete(),
        lambda shop, rule: Target.objects.filter(name="Accounts").update(state_column="state", state_values=["none"]),
        lambda shop, rule: RetentionRule.objects.filter(pk=rule.pk).update(duration="P4Y"),
        lambda shop, rule: StartEvent.objects.filter(rule=rule).update(event="data_collection"),
        lambda shop, rule: shop.register.__class__.objects.filter(pk=shop.register.pk).update(time_zone="Asia/Tokyo"),
    ],
    ids=["target removed", "state narrowed", "rule shortened", "counted otherwise", "zone of the register"],
)
def test_what_another_rule_kept_when_it_was_armed_does_not_go_unseen_once_that_changes(shop, dpo, change):
    Target.objects.update(zone="Europe/Paris")
    shop.fill(old=3, young=1)
    rule = another_rule(shop)
    arming = shop.armed(dpo)
    change(shop, rule)
    assert said(shop.run()) == (Run.State.STOPPED, Run.Why.ARMING_VOID)
    arming.refresh_from_db()
    assert arming.void_code == Arming.Void.RULE
    assert len(shop.ids()) == 4


def test_a_fiscal_year_that_ends_otherwise_makes_an_arming_void_where_the_law_keeps_documents(shop, dpo):
    shop.do("ALTER TABLE orders ADD COLUMN billed_on date")
    shop.target.children.update(domain="invoice", domain_dated_by="billed_on")
    name_all_columns(shop, "billed_on")
    shop.fill(old=3, young=1)
    shop.armed(dpo)
    shop.settings(fiscal_year_ends_month=6)
    assert said(shop.run()) == (Run.State.STOPPED, Run.Why.ARMING_VOID)


def test_a_target_that_is_led_to_another_place_is_not_armed_there(shop, dpo, tmp_path):
    from retention import grounds

    shop.fill(old=3, young=1)
    arming = shop.armed(dpo)
    (tmp_path / "other.sqlite").write_bytes((tmp_path / "shop.sqlite").read_bytes())
    grounds.set_url(shop.source, "sqlite:///other.sqlite", by=dpo)
    assert said(shop.run()) == (Run.State.STOPPED, Run.Why.ARMING_VOID)
    arming.refresh_from_db()
    assert arming.void_code == Arming.Void.MAPPING


def test_every_target_of_another_rule_keeps_its_rows(shop, dpo):
    shop.fill(old=3, young=1)
    rule = another_rule(shop)
    bound(shop, rule, "Accounts closed", state_column="state", state_values=["closed"])
    assert len(work_of(shop.fresh(), as_of=timezone.localdate()).covers) == 2
    shop.armed(dpo)
    assert said(shop.run()) == (Run.State.NOTHING, Run.Why.NOTHING_DUE)
    assert len(shop.ids()) == 4


@pytest.mark.parametrize("written", [{"table": "CLIENT"}, {"schema": "main"}], ids=["case", "schema"])
def test_a_table_is_the_same_however_it_is_written(shop, dpo, written):
    another_rule(shop, **written)
    (cover,) = work_of(shop.fresh(), as_of=timezone.localdate()).covers
    assert cover.rule == "accounts"
    hold(shop, dpo, scope="record", target=Target.objects.get(name="Accounts"), record_key=(17,))
    assert work_of(shop.fresh(), as_of=timezone.localdate()).exclusions.keys == {(17,)}


def test_a_table_is_the_same_whichever_source_leads_there(shop, dpo):
    from retention.grounds import set_url
    from retention.models import DataSource

    again = DataSource.objects.create(register=shop.register, name="Shop again")
    another_rule(shop, source=set_url(again, "sqlite:///shop.sqlite", by=dpo))
    assert [cover.rule for cover in work_of(shop.fresh(), as_of=timezone.localdate()).covers] == ["accounts"]


@pytest.mark.parametrize("scope", ["rule", "activity", "both rules apply"])
def test_a_held_rule_keeps_its_rows_from_other_rules_too(shop, dpo, scope):
    shop.fill(old=3, young=1)
    rule = another_rule(shop, duration="P1Y")
    if scope == "both rules apply":
        decide(shop.rule, dpo, kind="precedence", choice="both", over=rule)
    shop.armed(dpo)
    held = {"scope": "rule", "rule": rule}
    if scope == "activity":
        held = {"scope": "activity", "activity": rule.activities.get()}
    one = hold(shop, dpo, **held)
    assert said(shop.run()) == (Run.State.NOTHING, Run.Why.NOTHING_DUE)
    assert len(shop.ids()) == 4
    actions.release_hold(one, reason="Settled.", on=timezone.localdate(), by=dpo)
    assert said(shop.run()) == (Run.State.DONE, "")
    assert len(shop.ids()) == 1


@pytest.mark.parametrize("is_column", [False, True], ids=["the row", "a column"])
def test_what_another_mapping_says_the_law_keeps_does_not_go(shop, dpo, is_column):
    shop.do("ALTER TABLE client ADD COLUMN billed_on date")
    shop.fill(old=4, young=1)
    rule = another_rule(shop, duration="P1Y")
    shop.target.columns.create(register=shop.register, name="billed_on", treatment="null")
    other, invoice = Target.objects.get(name="Accounts"), {"domain": "invoice", "domain_dated_by": "billed_on"}
    if is_column:
        other.columns.create(register=shop.register, name="email", treatment="null", **invoice)
    else:
        Target.objects.filter(pk=other.pk).update(**invoice)
    shop.do("UPDATE client SET billed_on = '2000-01-01' WHERE id = 1")
    shop.do(f"UPDATE client SET billed_on = '{timezone.localdate():%Y-%m-%d}' WHERE id = 2")
    preview = shop.armed(dpo).preview
    assert preview.counts["kept_by_rules"] == {rule.ref: 3}
    assert said(shop.run()) == (Run.State.DONE, "")
    assert shop.ids() == {2, 3, 4, 5}


def test_exceptions_of_the_register_are_shown_and_a_new_one_makes_the_arming_void(shop, dpo):
    shop.fill(old=3, young=1)
    said_of = {"register": shop.register, "ground": "dispute"}
    RetentionException.objects.create(description="An open dispute", **said_of)
    elsewhere = RetentionException.objects.create(description="Of another rule", **said_of)
    elsewhere.rules.add(another_rule(shop, duration="P1Y"))
    arming = shop.armed(dpo)
    assert arming.preview.counts["exceptions"] == ["An open dispute"]
    RetentionException.objects.create(description="Security of the users", **said_of).rules.add(shop.rule)
    assert said(shop.run()) == (Run.State.STOPPED, Run.Why.ARMING_VOID)
    assert len(shop.ids()) == 4


# -- holds that a mapping has to look for elsewhere, or cannot tell ----------------------------------------------------


def test_a_held_record_does_not_go_as_a_child_of_another(shop, dpo):
    shop.fill(old=3, young=1, orders=3)
    orders = Target.objects.create(
        register=shop.register, name="Orders", rule=shop.rule, source=shop.source, table="orders", key_columns=["id"]
    )
    shop.armed(dpo)
    hold(shop, dpo, scope="record", target=orders, record_key=(2,))
    shop.run()
    assert (shop.ids(), shop.ids("orders")) == ({2, 4}, {2})


def test_a_record_is_held_by_whatever_key_it_was_named(shop, dpo):
    shop.do("CREATE UNIQUE INDEX by_email ON client (email)")
    shop.fill(old=3, young=1)
    other = bound(shop, shop.rule, "By address", key_columns=["email"])
    shop.armed(dpo)
    hold(shop, dpo, scope="record", target=other, record_key=("u2@x.example",))
    shop.run()
    assert shop.ids() == {2, 4}


@pytest.mark.parametrize("when", ["before the run", "in the middle"])
def test_nothing_runs_while_a_person_is_held_whom_the_table_cannot_tell(shop, dpo, monkeypatch, when):
    shop.fill(old=25, young=1)
    shop.armed(dpo)
    held = []

    def place():
        held.append(hold(shop, dpo, scope="person", identity="phone", person="01 02 03 04 05"))

    if when == "before the run":
        place()
        assert said(shop.run()) == (Run.State.NOTHING, Run.Why.HELD)
        assert len(shop.ids()) == 26
    else:
        in_the_middle(monkeypatch, place)
        assert said(shop.run()) == (Run.State.INCOMPLETE, Run.Why.HELD)
        assert len(shop.ids()) == 16
        monkeypatch.undo()
    actions.release_hold(held[0], reason="Settled.", on=timezone.localdate(), by=dpo)
    assert said(shop.run()) == (Run.State.DONE, "")


def test_a_person_whom_the_table_cannot_tell_is_named_by_the_preview_and_whoever_arms_it_has_looked(shop, dpo):
    shop.fill(old=3, young=1)
    before = shop.previewed(by=dpo)
    one = hold(shop, dpo, scope="person", identity="phone", person="01 02 03 04 05")
    with pytest.raises(actions.NotArmable, match="cannot tell"):
        actions.arm(before, reason="Looks right.", by=dpo, at=timezone.now())
    after = shop.previewed(by=dpo)
    assert after.counts["unseen"] == [f"hold {one.pk}"]
    actions.arm(after, reason="Nobody here.", by=dpo, at=timezone.now())
    assert said(shop.run()) == (Run.State.DONE, "")
