"""Mail by real workers and a real server: whatever is killed, frozen or doubled, nothing is sent twice unasked."""

import os
import signal

import pytest
from django.utils import timezone

from foundation.jobs import running
from foundation.jobs.ticking import tick
from foundation.mail.models import Mail
from foundation.models import Register
from tests.conftest import until
from tests.documents.test_worker import broker, workers
from tests.mail.conftest import plan_one

pytestmark = pytest.mark.processes


@pytest.fixture
def register(real_servers):
    with broker(real_servers.environment["REDIS_URL"]):
        yield Register.objects.create(slug="acme", name="Acme")


def ticking_until(condition):
    def ticked():
        tick(timezone.now())
        return condition()

    until(ticked)


def states():
    return list(Mail.objects.order_by("pk").values_list("state", flat=True))


def test_two_workers_and_a_bell_rung_often_hand_each_mail_over_once(real_servers, mail_server, register):
    for slot in range(3):
        plan_one(register, slot=slot)
    for _ in range(3):
        tick(timezone.now())
    with workers(real_servers, count=2, **mail_server.environment):
        ticking_until(lambda: states() == ["handed_over"] * 3)
        tick(timezone.now())
        last = plan_one(register, slot=3)  # and the bells before this one are heard by then
        until(lambda: Mail.objects.get(pk=last.pk).state == Mail.State.HANDED_OVER)
    assert len(mail_server.copies()) == 4
    assert len({copy["Message-ID"] for copy in mail_server.copies()}) == 4


def test_a_killed_and_a_frozen_worker_leave_the_question_open_and_one_copy_each(real_servers, mail_server, register):
    mails = [plan_one(register, "held", slot=slot) for slot in range(2)]
    with workers(real_servers, count=2, **mail_server.environment) as (killed, frozen):
        ticking_until(lambda: len(mail_server.copies()) == 2)
        assert states() == ["handing_over"] * 2
        os.killpg(killed.pid, signal.SIGKILL)
        os.killpg(frozen.pid, signal.SIGSTOP)
        until(
            lambda: [running.run(mail.job_id) for mail in mails] and states() == ["unknown"] * 2
        )  # once the leases are over
        mail_server.answer()
        os.killpg(frozen.pid, signal.SIGCONT)
        after = plan_one(register, slot=2)  # the worker comes to this one when it is through with the other
        ticking_until(lambda: Mail.objects.get(pk=after.pk).state == Mail.State.HANDED_OVER)
    assert states() == ["unknown", "unknown", "handed_over"]
    assert sorted(copy["Message-ID"] for copy in mail_server.copies()) == sorted(
        mail.message_id for mail in [*mails, after]
    )
