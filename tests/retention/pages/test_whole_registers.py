"""Pages that look at a whole register: what falls due on a day, what is covered, where promises bite."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foundation.models import Job, Membership
from office.retention.due import plain
from retention.models import LegalHold, NotExecutable, Preview, Run, Target
from tests.conftest import signed_in
from tests.office.conftest import listing, page
from tests.retention.pages.world import act, counted, rule_of, worked

DUE = reverse("admin:retention_due")
PAST, FUTURE = date(2016, 1, 1), date(2203, 6, 1)


def due_on(office, day):
    return office.get(f"{DUE}?on={day:%Y-%m-%d}").context["lines"]


@pytest.mark.parametrize(("day", "rows"), [(PAST, 0), (date(2018, 3, 10), 0), (date(2018, 3, 11), 7), (FUTURE, 10)])
def test_what_falls_due_on_a_day_past_or_future(office, target, day, rows):
    (line,) = due_on(office, day)
    assert line.is_missing
    office.post(reverse("admin:retention_due_ask"), {"on": f"{day:%Y-%m-%d}"})
    (line,) = due_on(office, day)
    assert line.is_counting
    worked(Preview.objects.get().job)
    (line,) = due_on(office, day)
    assert (line.is_missing, line.counts.due) == (False, rows)
    office.post(reverse("admin:retention_due_ask"), {"on": f"{day:%Y-%m-%d}"})
    assert Preview.objects.count() == 1


def test_counts_of_another_mapping_do_not_count(office, target):
    counted(target, PAST)
    Target.objects.filter(pk=target.pk).update(zone="Europe/London")
    (line,) = due_on(office, PAST)
    assert line.is_outdated
    assert office.get(f"{DUE}?on={PAST:%Y-%m-%d}").context["total"] == 0


def test_counts_that_will_never_come_can_be_asked_for_again(office, target):
    office.post(reverse("admin:retention_due_ask"), {"on": "2016-01-01"})
    Job.objects.update(state=Job.State.CANCELLED)
    (line,) = due_on(office, PAST)
    assert (line.is_missing, line.is_counting, line.is_given_up) == (True, False, True)


def test_the_day_as_a_table_for_a_spreadsheet(office, target):
    counted(target, FUTURE)
    answer = office.get(reverse("admin:retention_due_csv") + f"?on={FUTURE:%Y-%m-%d}")
    assert "due-2203-06-01.csv" in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert (row["register"], row["rule"], row["due"], row["erased"]) == ("acme", "clients", "10", "10")


@pytest.mark.parametrize(("text", "cell"), [("=1+1", "'=1+1"), ("-2", "'-2"), ("@x", "'@x"), ("a=1", "a=1"), (3, "3")])
def test_no_cell_is_a_formula(text, cell):
    assert plain(text) == cell


@pytest.mark.parametrize("day", ["never", "2016-13-01", "0001-01-01", "9999-12-31"])
def test_what_is_no_day_is_not_found(office, target, day):
    assert office.get(f"{DUE}?on={day}").status_code == 404


def test_the_page_of_a_day_asks_no_more_for_fifty_targets(office, target):
    counted(target, PAST)
    address = f"{DUE}?on={PAST:%Y-%m-%d}"
    office.get(address)

    def asked():
        with CaptureQueriesContext(connection) as found:
            office.get(address)
        return len(found)

    few = asked()
    Target.objects.bulk_create(
        Target(register=target.register, rule=target.rule, source=target.source, name=f"T{n}", table="client")
        for n in range(50)
    )
    assert asked() <= few
    assert few < 40


def test_the_usage_data_of_an_inactive_client_are_shown_as_a_hole(loaded, dpo):
    register = loaded("urbs-imope")
    Membership.objects.create(user=dpo, register=register, role="dpo")
    context = signed_in(dpo).get(f"{reverse('admin:retention_coverage')}?register={register.pk}").context
    states = [state.ref for state in context["states"]]
    rows = {row.item.ref: row.squares for _activity, found in context["activities"] for row in found}
    inactive = rows["A4.1.interactions"][states.index("client-inactif")]
    active = rows["A4.1.interactions"][states.index("client-actif")]
    assert (inactive.mark, active.mark) == ("late", "ok")
    assert active.rules == ("client-actif",)
    only = signed_in(dpo).get(f"{reverse('admin:retention_coverage')}?register={register.pk}&holes=1").context
    assert 0 < sum(len(found) for _activity, found in only["activities"]) < len(rows)


def test_each_statement_leads_to_its_rule_and_to_where_it_bites(loaded, dpo):
    register = loaded("live-session")
    Membership.objects.create(user=dpo, register=register, role="dpo")
    client = signed_in(dpo)
    address = f"{reverse('admin:retention_promises')}?register={register.pk}"
    found = {promise.statement.ref: promise for promise in client.get(address).context["promises"]}
    (rule,) = found["S2-46"].rules
    assert (rule.row.ref, rule.is_bound, rule.not_executable) == ("resiliation-trois-ans", False, "")
    assert found["S2-93"].rules[0].not_executable
    assert found["S2-61"].exceptions
    NotExecutable.objects.create(register=register, rule=rule.row, reason="dossiers papier")
    assert "dossiers papier" in client.get(address).content.decode()


def test_the_first_page_says_what_waits(office, target, dpo, acme):
    rule_of(acme, ref="ambigu", is_within_or_after=True)
    today = timezone.localdate()
    LegalHold.objects.create(
        register=acme, scope="rule", rule=target.rule, reason="r",
        opened_on=today - timedelta(days=9), review_on=today - timedelta(days=1),
    )  # fmt: skip
    Run.objects.create(register=acme, target=target, day=today, rule_version="", mapping_version="")
    entrance = office.get(reverse("admin:index")).context["entrance"]
    assert (entrance.late, entrance.running, entrance.to_review) == (0, 1, 1)
    assert entrance.to_decide >= 1


def test_a_run_shows_its_batches_and_is_stopped_with_a_button(office, target, acme):
    run = Run.objects.create(
        register=acme, target=target, day=timezone.localdate(), rule_version="", mapping_version="",
        child_rows={"facture": [3, 0]},
    )  # fmt: skip
    shown = office.get(page(run))
    assert shown.context["children"] == [("facture", 3, 0)]
    assert act(run, "stop") in shown.content.decode()
    office.post(act(run, "stop"))
    run.refresh_from_db()
    assert (run.state, run.why) == (Run.State.STOPPED, Run.Why.STOPPED_BY_PERSON)
    assert act(run, "stop") not in office.get(page(run)).content.decode()
    assert office.post(page(run), {}).status_code == 403
    few = len(office.get(listing(Run)).context["cl"].result_list)
    assert few == 1


def test_a_stranger_reads_nothing_of_another_register(stranger, target, acme, rule):
    client = signed_in(stranger)
    counted(target, PAST)
    for name in ("due", "coverage", "promises"):
        address = reverse(f"admin:retention_{name}")
        assert "données des clients" not in client.get(address).content.decode()
        assert "Acme" not in client.get(address).content.decode()
    for name in ("coverage", "promises"):
        assert client.get(f"{reverse(f'admin:retention_{name}')}?register={acme.pk}").status_code == 404
    client.post(reverse("admin:retention_due_ask"), {"on": "2030-01-01"})
    assert Preview.objects.count() == 1


@pytest.mark.parametrize("person", ["administrator", "staff", "auditor"])
def test_only_who_keeps_retention_opens_these_pages(request, target, person):
    client = signed_in(request.getfixturevalue(person))
    for name in ("due", "due_csv", "coverage", "promises"):
        assert client.get(reverse(f"admin:retention_{name}")).status_code == 403
    assert client.post(reverse("admin:retention_due_ask")).status_code == 403
