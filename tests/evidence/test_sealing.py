"""Events get places without gap, whenever they appear; checkpoints are signed and chained."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from foundation.evidence import keys, sealing, verifier
from foundation.evidence.errors import SigningKeyUnusable
from foundation.evidence.sealing import seal_all, seal_next
from foundation.evidence.work import SEAL, ask_for_checkpoint
from foundation.jobs import running
from foundation.models import Checkpoint, Event, Job, Leaf, Register
from tests.conftest import url_of
from tests.evidence.conftest import faults, newest_note, note_act, shape


def test_a_checkpoint_seals_what_waits_and_chains_to_the_last(sealed):
    first, second = Checkpoint.objects.order_by("number")
    assert [(one.first, one.last, one.count) for one in (first, second)] == [(1, 4, 4), (5, 7, 3)]
    assert second.previous == verifier.digest(first.line)
    assert first.root == verifier.root(list(Event.objects.order_by("pk").values_list("leaf_hash", flat=True)[:4]))
    assert faults() == []
    assert faults(keys=(first.key,)) == []
    assert "none of the keys" in faults(keys=("00" * 32,))[0]


def test_nothing_waits_nothing_is_sealed(acme):
    assert seal_next(timezone.now()) is None
    assert not Checkpoint.objects.exists()


def test_a_checkpoint_holds_no_more_than_it_may(acme):
    for n in range(7):
        note_act(acme, n=n)
    assert seal_all(timezone.now(), at_most=3) == 3
    assert list(Checkpoint.objects.values_list("count", flat=True)) == [3, 3, 1]
    assert shape()[0] == list(range(1, 8))
    assert faults() == []


def test_a_clock_that_is_set_back_changes_nothing(acme):
    note_act(acme)
    seal_next(timezone.now())
    with transaction.atomic():
        Event.objects.get()
        note_act(acme, n=2)
    seal_next(timezone.now() - timedelta(hours=30))
    note_act(acme, n=3)
    seal_next(timezone.now() - timedelta(days=400))
    assert shape() == ([1, 2, 3], [1, 2, 3])
    assert faults() == []


@pytest.mark.processes
def test_what_commits_late_is_sealed_later_and_what_is_undone_leaves_no_gap(real_servers):
    """An event with a lower number becomes visible after a higher one was sealed."""
    register = Register.objects.create(slug="acme", name="Acme")
    with psycopg.connect(url_of(*_login(), connection.settings_dict["NAME"])) as late:
        late.execute(
            "INSERT INTO foundation_event (register_id, verb, subject_type, subject_id, details, occurred_at, salt,"
            " leaf_hash) VALUES (%s, 'x', 'y', 1, '{}', now(), '', repeat('0', 64))",
            [register.pk],
        )
        with pytest.raises(RuntimeError), transaction.atomic():
            note_act(register)
            raise RuntimeError
        note_act(register, n=2)
        seal_next(timezone.now())
        assert shape() == ([1], [1])
        late.commit()
    seal_next(timezone.now())
    low, high = Leaf.objects.order_by("-position").values_list("event_id", flat=True)
    assert low < high - 1  # the undone one had a number as well
    assert shape() == ([1, 2], [1, 2])
    (fault,) = faults()  # its hash was made up; nothing is wrong with its place
    assert f"event {low} " in fault


@pytest.mark.processes
def test_two_sealers_at_once_give_each_event_one_place(real_servers):
    import threading

    register = Register.objects.create(slug="acme", name="Acme")
    for n in range(30):
        note_act(register, n=n)

    def work() -> None:
        seal_all(timezone.now(), at_most=2)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shape() == (list(range(1, 31)), list(range(1, 16)))
    assert faults() == []


def test_two_beats_ask_for_one_checkpoint_and_the_worker_seals_it(acme):
    note_act(acme)
    ask_for_checkpoint(timezone.now())
    ask_for_checkpoint(timezone.now())
    job = Job.objects.get(kind=SEAL)
    assert running.run(job.pk)
    assert shape() == ([1], [1])
    ask_for_checkpoint(timezone.now())
    assert Job.objects.filter(kind=SEAL).count() == 1  # nothing waits
    note_act(acme)
    ask_for_checkpoint(timezone.now())
    assert Job.objects.filter(slot=f"seal-after-{job.pk}").exists()


def test_a_sealing_that_found_nothing_does_not_stand_in_the_way_of_the_next(acme, monkeypatch):
    note_act(acme)
    seal_next(timezone.now())
    with monkeypatch.context() as before_that_was_committed:
        before_that_was_committed.setattr(sealing, "recent", Event.objects.all)
        ask_for_checkpoint(timezone.now())
    assert running.run(Job.objects.get().pk)
    note_act(acme)
    ask_for_checkpoint(timezone.now())
    assert running.run(Job.objects.latest("pk").pk)
    assert shape() == ([1, 2], [1, 2])


def test_what_comes_very_late_is_found_by_the_thorough_look(acme, monkeypatch):
    monkeypatch.setattr(sealing, "LATE_BY", 0)
    late, early = note_act(acme, n=1), note_act(acme, n=2)
    monkeypatch.setattr(sealing, "recent", lambda: Event.objects.filter(pk=early.pk))  # the other is not there yet
    seal_next(timezone.now())
    monkeypatch.undo()
    monkeypatch.setattr(sealing, "LATE_BY", 0)
    assert Leaf.objects.get().event_id == early.pk
    assert not sealing.recent().exists()
    ask_for_checkpoint(datetime(2027, 1, 1, 12, 9, tzinfo=UTC))
    assert not Job.objects.exists()
    ask_for_checkpoint(datetime(2027, 1, 1, 12, 10, tzinfo=UTC))
    assert running.run(Job.objects.get().pk)
    assert list(Leaf.objects.values_list("event_id", flat=True)) == [early.pk, late.pk]


def test_after_a_sealing_that_was_given_up_another_is_asked_for(acme):
    note_act(acme)
    ask_for_checkpoint(timezone.now())
    Job.objects.update(state=Job.State.FAILED, finished_at=timezone.now())
    ask_for_checkpoint(timezone.now())
    ask_for_checkpoint(timezone.now())
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "asked"]


def test_without_its_key_the_worker_waits_and_says_what_to_do(acme, settings):
    settings.EVIDENCE_KEY = ""
    note_act(acme)
    ask_for_checkpoint(timezone.now())
    job = Job.objects.get(kind=SEAL)
    assert not running.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.ASKED
    assert "GREFFIER_SIGNING_KEY_FILE" in job.error
    assert not Checkpoint.objects.exists()


# -- the key ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept_key(settings, tmp_path):
    """The try-out's way: a key file that is made when first needed."""
    path = tmp_path / "keys" / "signing.pem"
    settings.EVIDENCE_KEY, settings.EVIDENCE_KEY_FILE, settings.EVIDENCE_KEY_IS_MADE = "", str(path), True
    return path


def test_the_try_out_makes_its_key_once_and_privately(sealed_by_file, kept_key):
    assert kept_key.stat().st_mode & 0o777 == 0o600
    assert kept_key.parent.stat().st_mode & 0o777 == 0o700
    before = kept_key.read_bytes()
    keys.make(kept_key)
    assert kept_key.read_bytes() == before
    assert [path.name for path in kept_key.parent.iterdir()] == [kept_key.name]


@pytest.fixture
def sealed_by_file(kept_key, acme):
    note_act(acme)
    seal_next(timezone.now())
    return acme


def test_a_lost_key_is_not_replaced_by_itself(sealed_by_file, kept_key):
    kept_key.unlink()
    note_act(sealed_by_file)
    with pytest.raises(SigningKeyUnusable, match="from its backup"):
        seal_next(timezone.now())
    assert not kept_key.exists()


def test_another_key_does_not_seal(sealed_by_file, kept_key):
    kept_key.unlink()
    keys.make(kept_key)
    note_act(sealed_by_file)
    with pytest.raises(SigningKeyUnusable, match="--hand-over"):
        seal_next(timezone.now())
    assert shape() == ([1], [1])


@pytest.mark.parametrize(
    "text", ["", "not a key", "AAAA", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_is_refused_in_words(text):
    with pytest.raises(SigningKeyUnusable, match="no Ed25519 private key"):
        keys.parse(text, "the file")


def test_the_old_key_announces_the_new_one(sealed_by_file, kept_key, tmp_path):
    new = tmp_path / "keys" / "new.pem"
    keys.make(new)
    checkpoint = sealing.hand_over(timezone.now(), keys.read(new))
    assert checkpoint.next_key == keys.public(keys.read(new))
    assert Event.objects.get(register=None).details["key"] == checkpoint.next_key
    note_act(sealed_by_file)
    with pytest.raises(SigningKeyUnusable):
        seal_next(timezone.now())  # still the old one
    new.replace(kept_key)
    seal_next(timezone.now())
    assert Checkpoint.objects.values("key").distinct().count() == 2
    assert faults() == []


def test_a_key_that_followed_a_loss_is_told_until_the_auditor_trusts_it(sealed_by_file, kept_key):
    kept_key.unlink()
    keys.make(kept_key)
    new = keys.read(kept_key)
    sealing.hand_over(timezone.now(), new, old_is_lost=True)
    note_act(sealed_by_file)
    seal_next(timezone.now())
    (fault,) = faults()
    assert "checkpoint 2 " in fault
    assert "column key" in fault
    old = Checkpoint.objects.get(number=1).key
    assert faults(keys=(old, keys.public(new))) == []


# -- older checkpoints ------------------------------------------------------------------------------------------------


def test_an_older_checkpoint_is_found_again_also_in_a_mail(sealed):
    kept = newest_note()
    seal_next(timezone.now())
    quoted = "Dear auditor,\r\n\r\n" + "\r\n".join(f"> {line}".rstrip() for line in kept.splitlines()) + "\r\n-- \r\n"
    assert faults(older=kept) == []
    assert faults(older=quoted) == []
    assert "no checkpoint stands" in faults(older="nothing")[0]
    assert "not that of its text" in faults(older=kept.replace("count 3", "count 4"))[0]


def _login() -> tuple[str, str]:
    return connection.settings_dict["USER"], connection.settings_dict["PASSWORD"]
