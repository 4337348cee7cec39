"""Targets in the admin: their sheet, their buttons, and what only their keeper sees."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from retention import actions
from retention.models import Arming, Preview, RetentionSettings, Run, Target, TargetColumn
from tests.conftest import signed_in
from tests.office.conftest import as_sent, errors_of, listing, page, with_line
from tests.retention.pages.world import act, counted

PAGES = ("preview", "arm", "disarm", "run")


def test_the_sheet_tells_the_rule_the_counts_and_the_cut_off(office, target):
    counted(target)
    response = office.get(page(target))
    sheet = response.context["sheet"]
    assert sheet.counts.tables == (("client", 7, 0), ("facture", 0, 0))
    assert (sheet.counts.due, sheet.counts.rows) == (7, 10)
    assert sheet.counts.oldest_on.isoformat() == "2015-03-10"
    assert sheet.standing.code == "previewed"
    assert "3 years" in sheet.rule.sentence


def test_a_mapping_that_the_database_refuses_is_saved_with_its_reasons_and_not_armed(office, target):
    sent = as_sent(office.get(page(target))) | {"table": "klient"}
    response = office.post(page(target), sent, follow=True)
    assert any("klient" in str(message) for message in response.context["messages"])
    preview = counted(target)
    assert preview.refusals
    text = office.get(page(target)).content.decode()
    assert act(target, "arm") not in text
    office.post(act(target, "arm"), {"reason": "r", "preview": preview.pk})
    assert not Arming.objects.exists()


def test_arming_asks_for_a_reason_and_for_the_preview_that_was_seen(office, target, dpo):
    first = counted(target)
    assert "7" in office.get(act(target, "arm")).content.decode()
    office.post(act(target, "arm"), {"reason": " ", "preview": first.pk})
    second = counted(target)
    office.post(act(target, "arm"), {"reason": "r", "preview": first.pk})
    assert not Arming.objects.exists()
    office.post(act(target, "arm"), {"reason": "Durée dépassée", "preview": second.pk})
    arming = Arming.objects.get()
    assert (arming.armed_by, arming.reason, arming.preview) == (dpo, "Durée dépassée", second)


def test_a_refusal_is_shown_in_words(office, target, acme):
    preview = counted(target)
    RetentionSettings.objects.filter(register=acme).update(notice_days=30)
    office.post(act(target, "arm"), {"reason": "r", "preview": preview.pk}, follow=True)
    response = office.post(act(target, "run"), follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert not Run.objects.exists()
    assert not response.context["sheet"].may_run


def test_a_target_is_disarmed_with_one_button(office, target, dpo):
    actions.arm(counted(target), reason="r", by=dpo, at=timezone.now())
    assert office.get(page(target)).context["sheet"].standing.code == "armed"
    office.post(act(target, "disarm"))
    assert office.get(page(target)).context["sheet"].standing.code == "void"
    office.post(act(target, "disarm"))
    assert Arming.objects.get().void_by == dpo


def test_an_armed_target_whose_night_went_by_is_late(office, target, dpo):
    counted(target)
    now = timezone.now()
    Arming.objects.create(
        register=target.register, target=target, preview=Preview.objects.get(), armed_by=dpo, reason="r",
        armed_at=now - timedelta(days=9), runs_from=now - timedelta(days=3),
    )  # fmt: skip
    standing = office.get(page(target)).context["sheet"].standing
    assert standing.is_late
    assert standing.runs_next_at > now
    text = office.get(listing(Target)).content.decode()
    assert "state--late" in text
    assert office.get(listing(Target) + "?arming=armed").context["cl"].result_count == 1
    assert office.get(listing(Target) + "?arming=unarmed").context["cl"].result_count == 0


def test_arming_and_running_ask_who_one_is(dpo, target):
    preview = counted(target)
    client = signed_in(dpo)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 100_000}]
    session.save()
    for name in ("arm", "run"):
        assert client.get(act(target, name)).status_code == 302
        assert client.post(act(target, name), {"reason": "r", "preview": preview.pk}).status_code == 409
    assert not Arming.objects.exists()


def test_a_column_hangs_on_a_child_table_that_is_new_on_the_same_page(office, target):
    sent = as_sent(office.get(page(target)))
    sent = with_line(sent, "children", position=2, table="avoir", foreign_key="client_id", fate="treat")
    sent = with_line(sent, "columns", name="note", of_table="avoir", treatment="null")
    wrong = with_line(sent, "columns", name="autre", of_table="nulle_part", treatment="null")
    assert errors_of(office.post(page(target), wrong)) == {"columns-of_table"}
    assert office.post(page(target), sent).status_code == 302
    column = TargetColumn.objects.get(name="note")
    assert (column.child.table, column.child.foreign_key) == ("avoir", ["client_id"])
    again = as_sent(office.get(page(target)))
    assert again["columns-1-of_table"] == "avoir"


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"key_columns": ""}, {"key_columns"}),
        ({"step": "archive"}, {"archive_table"}),
        ({"step": "limit_access"}, {"access_column"}),
        ({"state_column": "etat"}, {"state_values"}),
        ({"columns-0-treatment": "constant"}, {"columns-constant"}),
    ],
)
def test_what_a_step_needs_is_asked_for_beside_its_field(office, target, changes, refused):
    sent = as_sent(office.get(page(target))) | changes
    assert errors_of(office.post(page(target), sent)) == refused


def test_rules_and_sources_of_other_registers_are_not_offered(office, target, stranger, elsewhere):
    from tests.retention.pages.world import rule_of

    theirs = rule_of(elsewhere, ref="theirs")
    sent = as_sent(office.get(page(target))) | {"rule": theirs.pk}
    assert errors_of(office.post(page(target), sent)) == {"rule"}
    client = signed_in(stranger)
    assert "Clients résiliés" not in client.get(listing(Target)).content.decode()
    sources = f"{listing(Target, 'add')}?register={elsewhere.pk}&source={target.source_id}&table=client"
    assert client.get(sources).context["inline_admin_formsets"][0].formset.initial_form_count() == 0
    assert "resilie_le" not in client.get(sources).content.decode()


@pytest.mark.parametrize("person", ["stranger", "administrator", "staff", "auditor"])
def test_nobody_else_acts_on_a_target(request, target, person):
    preview = counted(target)
    client = signed_in(request.getfixturevalue(person))
    for name in PAGES:
        assert client.get(act(target, name)).status_code in {403, 404, 405}
        answer = client.post(act(target, name), {"reason": "r", "preview": preview.pk})
        assert answer.status_code == (404 if person == "stranger" else answer.status_code)
        assert answer.status_code in {403, 404}
    assert Preview.objects.count() == 1
    assert not Arming.objects.exists()


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_a_list_of_fifty_targets_asks_no_more_than_one_of_few(office, target, dpo):
    actions.arm(counted(target), reason="r", by=dpo, at=timezone.now())
    few = queries(office, listing(Target))
    Target.objects.bulk_create(
        Target(register=target.register, rule=target.rule, source=target.source, name=f"T{n}", table="client")
        for n in range(50)
    )
    assert queries(office, listing(Target)) <= few
    assert few < 20


def test_what_is_armed_is_not_deleted(office, target, dpo):
    preview = counted(target)
    assert office.get(page(target, "delete")).status_code == 200
    actions.arm(preview, reason="r", by=dpo, at=timezone.now())
    assert office.post(page(target, "delete"), {"post": "yes"}).status_code == 403
    assert office.post(listing(Target), {"action": "delete_selected", "_selected_action": target.pk, "post": "yes"})
    assert Target.objects.filter(pk=target.pk).exists()


def test_the_sheet_names_the_holds_of_people_whom_the_table_cannot_tell(office, target):
    counted(target)
    preview = Preview.objects.get(target=target)
    preview.counts = {**preview.counts, "unseen": ["hold 3", "request 5"]}
    preview.save(update_fields=["counts"])
    sheet = office.get(page(target)).content.decode()
    assert "legal hold 3, rights request 5" in sheet


def test_the_sheet_and_the_arming_say_what_the_target_amounts_to_in_law(office, target):
    counted(target)
    assert "In law: erasure." in office.get(page(target)).content.decode()
    assert "In law: erasure." in office.get(reverse("admin:retention_target_arm", args=[target.pk])).content.decode()
    Target.objects.filter(pk=target.pk).update(step="anonymise")
    TargetColumn.objects.filter(target=target, identity="email").update(treatment="keyed_hash")
    assert "In law: pseudonymisation: the data stay personal." in office.get(page(target)).content.decode()
