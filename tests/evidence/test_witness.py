"""The newest checkpoint is sent to the witnesses once, word for word, and checks what comes later."""

import pytest
from django.utils import timezone

from foundation.evidence.sealing import seal_next
from foundation.evidence.work import WITNESS, ask_for_witness
from foundation.jobs import running
from foundation.models import Job, Mail
from tests.evidence.conftest import faults, newest_note, note_act

pytestmark = pytest.mark.django_db


def test_each_witness_is_sent_the_newest_checkpoint_once(acme, settings):
    settings.WITNESSES = ["one@witness.example", "two@witness.example"]
    note_act(acme)
    seal_next(timezone.now())
    for _two_beats in range(2):
        ask_for_witness(timezone.now())
    assert running.run(Job.objects.get(kind=WITNESS).pk)
    ask_for_witness(timezone.now())
    mails = Mail.objects.order_by("recipient")
    assert [mail.recipient for mail in mails] == settings.WITNESSES
    assert all(newest_note().strip() in mail.body for mail in mails)
    note_act(acme, n=2)
    seal_next(timezone.now())
    assert faults(older=mails[0].body) == []


def test_without_witnesses_nothing_is_sent(acme, settings):
    settings.WITNESSES = []
    note_act(acme)
    seal_next(timezone.now())
    ask_for_witness(timezone.now())
    assert not Job.objects.filter(kind=WITNESS).exists()
