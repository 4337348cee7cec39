"""Master keys of the test's own, whatever the environment gives."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from foundation.keys import masters


@pytest.fixture
def master(settings):
    """One new master key, as written in a file; the settings hold it."""
    text = masters.new()
    settings.MASTER_KEYS = masters.read(text, remedy="Put it back.")
    return text


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is said to nobody in particular is said in English."""
    with translation.override("en"):
        yield
