"""Master keys of the test's own, whatever the environment gives."""

import pytest

from foundation.keys import masters


@pytest.fixture
def master(settings):
    """One new master key, as written in a file; the settings hold it."""
    text = masters.new()
    settings.MASTER_KEYS = masters.read(text, remedy="Put it back.")
    return text
