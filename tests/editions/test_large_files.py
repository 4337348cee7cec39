"""Checking a file takes time in proportion to its size, whatever stands in it: counted in steps, not in seconds."""

import sys

import pytest

from editions.load import load
from editions.reading import BrokenForm, read

HEAD = "greffier: 1\nregister:\n  slug: acme\n  name: Acme\n"


def steps(text):
    """Return how many function calls loading the text takes, whether it is refused or not."""
    count = 0

    def tick(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    reading = read(text)
    sys.setprofile(tick)
    try:
        load(reading)
    except BrokenForm:
        pass
    finally:
        sys.setprofile(None)
    return count


def chain(length):
    rows = "".join(f"  - {{ref: r{number}, parent: r{number + 1}}}\n" for number in range(length))
    return HEAD + "organisations:\n" + rows


def answers(length):
    rows = "".join(
        f"  - {{ref: r{number}, answers: {{name: not_stated, subsidiaries: not_stated}}}}\n" for number in range(length)
    )
    return HEAD + "organisations:\n" + rows


@pytest.mark.django_db
@pytest.mark.parametrize("shape", [chain, answers], ids=["a chain of parents", "answers on every row"])
def test_twice_the_rows_take_about_twice_the_steps(shape):
    small, large = steps(shape(60)), steps(shape(120).replace("acme", "other"))
    assert large < 3 * small
