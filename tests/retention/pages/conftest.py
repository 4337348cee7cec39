"""What the tests of the engine's pages stand on: a DPO's browser, a database of clients, a target on it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from foundation.models import Register, User
from retention.models import RetentionRule, RetentionSettings, Target
from tests.conftest import signed_in
from tests.retention.pages.world import business_file, rule_of, source_of, target_of


@pytest.fixture
def office(dpo: User) -> Client:
    """A browser in which the DPO of the register, who reads English, signed in a moment ago."""
    dpo.language = "en"
    dpo.save(update_fields=["language"])
    return signed_in(dpo)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """The folder of SQLite files, with a database of clients."""
    settings.SQLITE_FOLDER = str(tmp_path)
    business_file(tmp_path)
    return tmp_path


@pytest.fixture
def rule(acme: Register) -> RetentionRule:
    return rule_of(acme)


@pytest.fixture
def target(rule: RetentionRule, folder: Path, dpo: User) -> Target:
    """A target that may run as soon as it is armed, however much of its table is due."""
    RetentionSettings.objects.create(register=rule.register, notice_days=0, most_percent=100)
    return target_of(rule, source_of(rule.register, by=dpo))
