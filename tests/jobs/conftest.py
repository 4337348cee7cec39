"""Kinds of work that exist in the tests only."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation

from foundation.jobs import kinds


@pytest.fixture
def work() -> Iterator[Callable[..., Any]]:
    """Declare kinds of work for one test."""
    kinds.choices()  # what the apps declare is found first
    before = dict(kinds._kinds)
    yield kinds.worker
    kinds._kinds.clear()
    kinds._kinds.update(before)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is said to nobody in particular is said in English."""
    with translation.override("en"):
        yield
