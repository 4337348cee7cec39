"""Work in the admin and on the operator's command line: seen, stopped, and only by those of its register."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.jobs import ticking
from foundation.jobs.asking import ask
from foundation.jobs.models import Halt, Job, Pulse
from foundation.models import Event

pytestmark = pytest.mark.django_db
JOBS = "admin:foundation_job_changelist"


def client_of(user):
    """Return the browser of a person who reads English."""
    user.language = "en"
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def job(acme, work):
    work("test.note", title="note something")(lambda job: None)
    return ask("test.note", slot="n", register=acme)


def order(client, job, name):
    sent = {"action": name, "_selected_action": [job.pk]}
    response = client.post(reverse(JOBS), sent, follow=True)
    job.refresh_from_db()
    return response


def test_the_list_tells_work_progress_and_error(dpo, job):
    Job.objects.update(state="failed", done=3, total=9, error="The server refused.", finished_at=timezone.now())
    text = client_of(dpo).get(reverse(JOBS)).content.decode()
    for said in (f"note something, no. {Job.objects.get().pk}", "3 of 9", "The server refused."):
        assert said in text


def test_orders_are_given_from_the_list_and_leave_evidence(dpo, job):
    client = client_of(dpo)
    for name, state in (("pause", "paused"), ("resume", "asked"), ("cancel", "cancelled"), ("retry", "asked")):
        order(client, job, name)
        assert job.state == state
    told = Event.objects.filter(verb="job_ordered", subject_id=job.pk, actor_id=dpo.pk).order_by("pk")
    assert [event.details["order"] for event in told] == ["pause", "resume", "cancel", "retry"]


def test_an_order_that_is_no_longer_possible_is_said(dpo, job):
    Job.objects.update(state="done")
    assert "no longer possible" in order(client_of(dpo), job, "cancel").content.decode()
    assert job.state == "done"


def test_the_page_of_a_job_offers_the_orders_that_make_sense(dpo, job):
    page = reverse("admin:foundation_job_change", args=[job.pk])
    client = client_of(dpo)
    assert [name for name, _words in client.get(page).context["possible"]] == ["pause", "cancel"]
    Job.objects.update(state="done")
    assert client.get(page).context["possible"] == []


def test_a_stranger_neither_sees_nor_orders(stranger, acme, job):
    client = client_of(stranger)
    order(client, job, "cancel")
    assert job.state == "asked"
    assert f", no. {job.pk}" not in client.get(reverse(JOBS)).content.decode()
    assert client.get(reverse("admin:foundation_job_change", args=[job.pk])).status_code == 404
    client.post(reverse("admin:foundation_halt_add") + f"?register={acme.pk}", {"kind": "", "reason": "x"})
    assert not Halt.objects.filter(register=acme).exists()


def test_work_is_stopped_and_let_go_on_from_the_office(administrator, acme, job):
    client = client_of(administrator)
    sent = {"kind": "", "reason": "the list is wrong"}
    for _twice in range(2):
        client.post(reverse("admin:foundation_halt_add"), sent)
    halt = Halt.objects.get()
    assert (halt.register, halt.ordered_by) == (acme, administrator)
    assert job not in ticking.waiting()
    assert "the list is wrong" in client.get(reverse(JOBS)).content.decode()
    client.post(reverse("admin:foundation_halt_delete", args=[halt.pk]), {"post": "yes"})
    assert job in ticking.waiting()
    assert set(Event.objects.values_list("verb", flat=True)) == {"work_stopped", "work_resumed"}


def test_silence_is_seen(dpo, job, settings):
    page = client_of(dpo)
    ticking.pulse(ticking.TICK)
    assert ticking.silent_since() is None
    Pulse.objects.update(seen_at=timezone.now() - timedelta(seconds=3 * settings.TICK_SECONDS + 1))
    assert ticking.silent_since()
    assert page.get(reverse(JOBS)).context["silent_since"]
    assert "SILENT" in said("list")


def said(*arguments):
    out = StringIO()
    call_command("jobs", *arguments, stdout=out)
    return out.getvalue()


def test_the_operator_orders_on_the_command_line(acme, job):
    assert "paused" in said("pause", str(job.pk))
    assert "asked" in said("resume", str(job.pk))
    assert "every register: fire" in said("stop", "--reason", "fire")
    assert job not in ticking.waiting()
    assert "1 stop" in said("go-on")
    said("stop", "--register", "acme", "--kind", "test.note", "--reason", "look")
    assert job not in ticking.waiting()
    assert "0 stop" in said("go-on")
    for wrong, words in (
        (("cancel", "999999"), "no job"),
        (("resume", str(job.pk)), "no longer possible"),
        (("stop", "--kind", "nonsense", "--reason", "x"), "Known"),
        (("stop", "--register", "nowhere", "--reason", "x"), "nowhere"),
    ):
        with pytest.raises(CommandError, match=words):
            said(*wrong)
