"""The commands: they show, and stop unless told otherwise; they never arm."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from foundation.jobs.models import Job
from retention.models import Arming, Preview, RetentionRule, Run

pytestmark = pytest.mark.django_db


def said(capsys, *arguments):
    call_command(*arguments)
    return capsys.readouterr().out


def test_preview_retention_counts_and_arms_nothing(shop, capsys):
    shop.fill(old=3, young=2, orders=2)
    text = said(capsys, "preview_retention", "acme")
    assert "[1/1] acme · clients · Clients (Shop: client, erase)" in text
    assert "due 3 of 5 rows: 3 erased, 0 treated" in text
    assert "with them, orders: 2 erased, 0 treated" in text
    assert Preview.objects.get().is_counted
    assert not Arming.objects.exists()
    assert len(shop.ids()) == 5


def test_preview_retention_says_why_nothing_may_run(shop, capsys):
    RetentionRule.objects.update(kind="criterion", duration="", criterion="Useful")
    assert "may not run:" in said(capsys, "preview_retention", "--target", "Clients")


def test_what_is_due_answers_for_any_day_and_writes_nothing(shop, capsys):
    shop.fill(old=3, young=2)
    jobs = Job.objects.count()
    assert "due 0 of 5 rows" in said(capsys, "what_is_due", "acme", "--on", "2016-02-29")
    later = date(timezone.localdate().year + 4, 1, 1).isoformat()
    assert "due 5 of 5 rows" in said(capsys, "what_is_due", "--on", later)
    assert (Preview.objects.count(), Job.objects.count()) == (0, jobs)


def test_what_is_due_fails_where_a_place_does_not_answer(shop, capsys):
    shop.source.__class__.objects.update(url="")
    with pytest.raises(CommandError, match="1 target"):
        call_command("what_is_due", "--on", "2027-01-01")
    assert "has no address yet" in capsys.readouterr().out


def test_enforce_retention_shows_and_stops(shop, dpo, capsys):
    shop.fill(old=3, young=2)
    assert "not armed: nothing runs" in said(capsys, "enforce_retention", "--yes")
    shop.armed(dpo)
    text = said(capsys, "enforce_retention", "acme")
    assert "due 3 of 5 rows" in text
    assert "Nothing was changed." in text
    assert len(shop.ids()) == 5
    assert not Run.objects.exists()


def test_enforce_retention_runs_what_is_armed(shop, dpo, capsys):
    shop.fill(old=13, young=2)
    shop.armed(dpo)
    text = said(capsys, "enforce_retention", "--yes")
    assert "done; 13 erased, 0 treated, 0 kept, 0 locked, of 13 due" in text
    assert shop.ids() == {14, 15}
    assert "nothing is due" in said(capsys, "enforce_retention", "--yes")


def test_enforce_retention_fails_where_a_run_stops(shop, dpo):
    shop.fill(old=13, young=2)
    shop.armed(dpo)
    shop.settings(most_rows=5)
    with pytest.raises(CommandError, match="1 run"):
        call_command("enforce_retention", "--yes")
    assert len(shop.ids()) == 15


def test_an_unknown_register_or_target_is_named(shop):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("what_is_due", "nowhere", "--on", "2027-01-01")
    with pytest.raises(CommandError, match="No target"):
        call_command("preview_retention", "--target", "Nobody")
