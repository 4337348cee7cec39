"""Several who use the vault at the same moment, each with a connection of its own."""

import threading

import pytest
from django.db import connection, transaction

from foundation.keys import vault
from foundation.keys.models import Key
from foundation.keys.vault import Place
from tests.conftest import until

pytestmark = pytest.mark.processes


@pytest.fixture
def in_threads():
    """Run the same work in several threads at once, each with a connection of its own."""

    def run(work, count):
        ready, found = threading.Barrier(count), []

        def one():
            try:
                ready.wait()
                found.append(work())
            finally:
                connection.close()

        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return found

    return run


def test_those_who_ask_at_once_get_one_key(real_servers, in_threads):
    def ask():
        with transaction.atomic():
            return vault.data_key("account").pk

    found = in_threads(ask, 6)
    assert len(found) == 6
    assert set(found) == set(Key.objects.values_list("pk", flat=True))
    assert Key.objects.count() == 1


def test_a_key_stays_until_what_was_sealed_under_it_is_committed(real_servers, in_threads):
    key = vault.data_key("account")
    destroyed = threading.Event()

    def destroy():
        Key.objects.filter(pk=key.pk).delete()
        destroyed.set()

    with transaction.atomic():
        vault.seal_text("kept", key=key, place=Place("t", "c"))
        other = threading.Thread(target=lambda: (destroy(), connection.close()))
        other.start()
        until(waits_for_a_lock)
        assert not destroyed.is_set()
    other.join(30)
    assert destroyed.is_set()


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0
