"""The application's login may add to the ledger, but only at its end and only what fits there."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.evidence import verifier
from foundation.evidence.errors import SigningKeyUnusable
from foundation.evidence.sealing import seal_next
from foundation.models import Checkpoint, Leaf
from tests.evidence.conftest import faults, note_act, shape


@pytest.fixture
def waiting(acme):
    """Four sealed events in two checkpoints, and the last of them that no checkpoint holds."""
    for n in range(4):
        note_act(acme, n=n)
        if n % 2:
            seal_next(timezone.now())
    return note_act(acme, n=9)


@pytest.mark.parametrize("others", [{"number": 4}, {"first": 6, "last": 6}, {"first": 4, "last": 4}, {"number": 10}])
def test_a_checkpoint_goes_on_where_the_last_one_ended(waiting, others):
    made = {"number": 3, "first": 5, "last": 5, "count": 1, "sealed_at": timezone.now(), **others}
    with pytest.raises(IntegrityError, match="goes on"), transaction.atomic():
        Checkpoint.objects.create(**made)
    assert shape() == ([1, 2, 3, 4], [1, 2])


@pytest.mark.parametrize(("position", "number"), [(5, 2), (5, 1), (6, 1)])
def test_a_leaf_lies_within_its_checkpoint(waiting, position, number):
    with pytest.raises(IntegrityError, match="does not lie in"), transaction.atomic():
        Leaf.objects.create(position=position, event=waiting, checkpoint_id=number, hash=waiting.leaf_hash)
    seal_next(timezone.now())
    assert shape() == ([1, 2, 3, 4, 5], [1, 2, 3])
    assert faults() == []


def test_nothing_is_sealed_after_a_checkpoint_that_the_key_did_not_sign(waiting):
    last = Checkpoint.objects.latest("number")
    made = {"number": 3, "first": 5, "last": 5, "count": 1, "root": waiting.leaf_hash, "key": last.key}
    Checkpoint.objects.create(
        **made, previous=verifier.digest(last.line), sealed_at=timezone.now(), signature="0" * 128
    )
    Leaf.objects.create(position=5, event=waiting, checkpoint_id=3, hash=waiting.leaf_hash)
    note_act(waiting.register)
    with pytest.raises(SigningKeyUnusable, match="3 "):
        seal_next(timezone.now())
    (fault,) = faults()
    assert fault.startswith("checkpoint 3 (foundation_checkpoint)")
