"""A quote is found as a person reads it, and its ranges point into the text as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.quotes import digest, line_of, locate, read_quote

CASES = {
    "plain": ("Nous gardons vos données 3 ans.", "vos données 3 ans"),
    "over a line break": ("Nous gardons\n   vos données", "gardons vos données"),
    "through tags": ("Nous <b>gardons</b> tout<br/> ici", "Nous gardons tout ici"),
    "in two parts": ("un deux trois quatre cinq", "un […] quatre"),
    "an address in angle brackets": ("voir <https://acme.example>", "voir <https://acme.example>"),
}


@pytest.mark.parametrize(("raw", "quote"), CASES.values(), ids=CASES)
def test_a_quote_is_found(raw, quote):
    ranges = locate(quote, raw)
    assert digest(read_quote(raw, ranges)) == digest(quote)


def test_the_line_decides_between_several_places():
    raw = "trois ans\nautre chose\ntrois ans\n"
    assert line_of(raw, locate("trois ans", raw, line=3)[0][0]) == 3
    assert line_of(raw, locate("trois ans", raw, line=1)[0][0]) == 1


def test_parts_are_found_in_order_only():
    assert locate("quatre […] deux", "un deux trois quatre") == []


def test_what_does_not_stand_is_not_found():
    assert locate("cinq ans", "trois ans") == []
    assert locate("", "trois ans") == []


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_whatever_is_cut_from_a_text_reads_the_same_once_found(raw, start, end):
    quote = read_quote(raw, [(start, end)])
    whole = not any(mark in raw for mark in "<>…")  # a cut through a tag reads otherwise than the tag
    if quote and whole:
        assert digest(read_quote(raw, locate(quote, raw))) == digest(quote)
