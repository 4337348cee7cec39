"""Whatever is sealed opens again; whatever bit is changed, nothing opens."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.keys import masters, sealing
from foundation.keys.framing import framed
from foundation.keys.masters import LocalMasterKey
from foundation.keys.sealing import DataKey, DoesNotOpen, Place
from foundation.keys.secret import Secret

KEY = DataKey(5, os.urandom(32))
MASTER = LocalMasterKey(os.urandom(32))
FACTS = st.lists(st.one_of(st.none(), st.integers(), st.text(), st.binary()), max_size=5)
PLACES = st.builds(Place, st.text(), st.text(), st.integers())


@given(st.binary(), PLACES)
def test_a_value_comes_back_as_it_was(plain, place):
    sealed = KEY.seal(plain, place)
    assert len(sealed) == len(plain) + sealing.OVERHEAD_BYTES
    assert sealing.key_id_of(sealed) == 5
    assert sealing.from_text(sealing.as_text(sealed)) == sealed
    assert KEY.open(sealed, place) == plain


@given(st.binary(max_size=60), PLACES, PLACES)
def test_a_value_opens_at_no_other_place(plain, place, other):
    if place == other:
        return
    with pytest.raises(DoesNotOpen):
        KEY.open(KEY.seal(plain, place), other)


@given(st.binary(max_size=60), st.data())
def test_a_flipped_bit_anywhere_closes_the_value(plain, data):
    sealed = KEY.seal(plain, Place("t", "c", 1))
    with pytest.raises(DoesNotOpen):
        KEY.open(flipped(sealed, data), Place("t", "c", 1))


@given(st.binary(max_size=60), st.data())
def test_a_value_that_was_cut_does_not_open(plain, data):
    sealed = KEY.seal(plain, Place("t", "c", 1))
    with pytest.raises(DoesNotOpen):
        KEY.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], Place("t", "c", 1))


@given(st.text(max_size=40), st.data())
def test_a_changed_character_of_a_sealed_text_closes_it(plain, data):
    text = sealing.as_text(KEY.seal(plain.encode(errors="replace"), Place("t", "c", 1)))
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda character: character != text[at]))
    with pytest.raises(DoesNotOpen):
        KEY.open(sealing.from_text(text[:at] + other + text[at + 1 :]), Place("t", "c", 1))


@given(st.data())
def test_a_flipped_bit_anywhere_closes_a_wrapped_key(data):
    wrapped = MASTER.wrap(b"k" * 32, b"context")
    assert MASTER.unwrap(wrapped, b"context") == b"k" * 32
    with pytest.raises(masters.DoesNotUnwrap):
        MASTER.unwrap(flipped(wrapped, data), b"context")


def test_a_wrapped_key_does_not_unwrap_in_another_context():
    with pytest.raises(masters.DoesNotUnwrap):
        MASTER.unwrap(MASTER.wrap(b"k" * 32, b"context"), b"another")


@given(FACTS, FACTS)
def test_two_lists_of_facts_never_frame_alike(one, other):
    as_written = [
        [fact if fact is None or isinstance(fact, bytes) else str(fact).encode() for fact in facts]
        for facts in (one, other)
    ]
    assert (framed(*one) == framed(*other)) == (as_written[0] == as_written[1])


def test_nothing_shows_a_key_or_a_secret():
    for thing in (KEY, MASTER, masters.MasterKeys(MASTER), Secret("canary")):
        assert "canary" not in f"{thing!r} {thing}"
        assert not hasattr(thing, "__dict__")
    assert Secret("canary").reveal() == "canary"
    assert f"{Secret('canary')}" == "…"


def flipped(sealed, data):
    at, bit = data.draw(st.integers(0, len(sealed) - 1)), data.draw(st.integers(0, 7))
    return sealed[:at] + bytes([sealed[at] ^ 1 << bit]) + sealed[at + 1 :]
