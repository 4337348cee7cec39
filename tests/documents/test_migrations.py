"""Prints made before there were jobs keep their bytes and their state."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from foundation.database.base import as_owner

pytestmark = pytest.mark.processes
BEFORE = [("documents", "0001_initial"), ("foundation", "0003_jobs")]
AFTER = [("documents", "0004_print_without_a_state_of_its_own")]


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def test_prints_made_before_there_were_jobs_get_theirs(real_servers):
    with as_owner(connection):
        old = migrate(BEFORE)
        register = old.get_model("foundation", "Register").objects.create(slug="acme", name="Acme")
        edition = old.get_model("editions", "Edition").objects.create(
            register=register, number=1, canonical="{}", hash="0", form_version=1, published_at=timezone.now()
        )

        def was(state, language, **fields):
            given = {"state": state, "language": language, "asked_at": timezone.now(), **fields}
            model = old.get_model("documents", "Print")
            return model.objects.create(register=register, edition=edition, kind="privacy_notice", **given).pk

        was("failed", "fr", error="twice")  # asked for again: told by the next one
        done = was("done", "fr", sha256="ab", file="f.pdf")
        was("failed", "en", error="once")
        failed = was("failed", "en", error="again")
        running = was("rendering", "fr", template_version="t")
        new = migrate(AFTER)
        kept = {print_.pk: print_ for print_ in new.get_model("documents", "Print").objects.select_related("job")}
    assert {pk: (print_.job.state, print_.job.error) for pk, print_ in kept.items()} == {
        done: ("done", ""),
        failed: ("failed", "again"),
        running: ("asked", ""),
    }
    assert kept[done].sha256 == "ab"
