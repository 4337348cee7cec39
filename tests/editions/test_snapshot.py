"""An edition freezes one moment: what a colleague saves while it is read is in it as a whole or not at all."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from editions import actions, dump
from editions.actions import publish
from editions.load import load
from editions.reading import read
from register.models import Answer, ProcessingActivity

TEXT = (
    "greffier: 1\nregister: {slug: acme, name: Acme}\n"
    "activities:\n  - {ref: A1, name: Paie, role: controller, answers: {automated_decisions: not_stated}}\n"
)


@pytest.mark.processes
def test_a_change_during_publishing_is_not_half_in_the_edition(real_servers, monkeypatch):
    register = load(read(TEXT))
    activity = ProcessingActivity.objects.get()
    links = dump._Dumper._links
    done = []

    def change_meanwhile(self, field):
        if not done:  # once, after the rows were read and before their answers
            done.append(True)
            settings = connection.settings_dict
            with psycopg.connect(
                host=settings["HOST"],
                port=settings["PORT"],
                user=settings["USER"],
                password=settings["PASSWORD"],
                dbname=settings["NAME"],
            ) as colleague:
                colleague.execute(
                    "UPDATE register_processingactivity SET automated_decisions = 'scoring' WHERE id = %s",
                    [activity.pk],
                )
                colleague.execute("DELETE FROM register_answer")
        return links(self, field)

    monkeypatch.setattr(dump._Dumper, "_links", change_meanwhile)
    edition = publish(register, actor=None, at=timezone.now())
    assert not Answer.objects.exists()
    assert '"answers":{"automated_decisions":"not_stated"}' in edition.canonical
    assert "scoring" not in edition.canonical
    monkeypatch.undo()
    assert "scoring" in publish(register, actor=None, at=timezone.now()).canonical


@pytest.mark.processes
def test_two_who_publish_at_once_get_two_numbers(real_servers, monkeypatch):
    register = load(read(TEXT))
    freeze = actions._freeze

    def slowly(*args, **options):
        time.sleep(0.5)  # the other one has begun, and waits
        return freeze(*args, **options)

    monkeypatch.setattr(actions, "_freeze", slowly)

    def publish_alone(_number):
        try:
            return actions.publish(register, actor=None, at=timezone.now()).number
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(publish_alone, range(2))) == [1, 2]
