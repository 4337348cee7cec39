"""Newer versions of keys, newer master keys, values sealed anew: what was sealed stays readable throughout."""

import os
import signal
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from foundation.keys import actions, columns, masters, vault, wrapping
from foundation.keys.models import Key
from foundation.keys.vault import Place
from foundation.models import Event, Register
from tests.conftest import until

HERE = Place("connector", "password", 7)


def keys(*arguments):
    out = StringIO()
    call_command("keys", *arguments, stdout=out)
    return out.getvalue()


def rotate(**whose):
    return actions.rotate("register", **whose, actor=None, at=timezone.now())


@pytest.fixture
def key(acme, master):
    return vault.data_key("register", register=acme)


@pytest.fixture
def renewed(settings, master):
    """Call it to put a newer master key before the one there is; `alone` takes the older one away."""

    def renew(*, alone=False):
        settings.MASTER_KEYS = masters.read(masters.new() if alone else f"{masters.new()} {master}")
        return settings.MASTER_KEYS.newest.id

    return renew


@pytest.mark.django_db
def test_after_a_rotation_new_values_stand_under_the_new_key_and_old_ones_still_open(acme, key):
    old = vault.seal_text("old", key=key, place=HERE)
    said = keys("rotate", "--purpose", "register", "--register", "acme")
    newer = vault.data_key("register", register=acme)
    assert f"{newer.pk}: register, register acme, version 2" in said
    assert newer.pk != key.pk
    new = vault.seal_text("new", key=newer, place=HERE)
    assert [vault.open_text(sealed, place=HERE) for sealed in (old, new)] == ["old", "new"]
    event = Event.objects.get(verb="key_rotated")
    assert (event.register, event.subject_id, event.details["version"]) == (acme, newer.pk, 2)


@pytest.mark.django_db
def test_a_dry_run_changes_nothing(key, renewed):
    wrapped = bytes(Key.objects.get().wrapped)
    renewed()
    assert "Nothing was changed" in keys("rotate", "--purpose", "register", "--register", "acme", "--dry-run")
    assert "Would wrap 1 data key(s)" in keys("rewrap", "--dry-run")
    assert bytes(Key.objects.get().wrapped) == wrapped


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rotate", "--purpose", "request"], "No data key serves"),
        (["rotate", "--purpose", "register", "--register", "nowhere"], "no register called"),
        (["destroy"], "Say which keys"),
        (["destroy", "1", "--closed"], "Say which keys"),
        (["destroy", "0"], "no data key 0: nothing was destroyed"),
        (["destroy", "--purpose", "request"], "No data key serves"),
    ],
)
def test_a_mistaken_command_says_what_is_wrong(key, arguments, words):
    with pytest.raises(CommandError, match=words):
        keys(*arguments)


@pytest.mark.django_db
def test_all_keys_are_wrapped_by_the_newest_master_key_and_the_old_one_may_go(acme, elsewhere, settings, renewed, key):
    sealed = vault.seal_text("kept", key=key, place=HERE)
    vault.data_key("register", register=elsewhere)
    vault.data_key("account")
    newest = renewed()
    assert "3 data key(s) wrapped anew" in keys("rewrap")
    assert set(Key.objects.values_list("master_key", flat=True)) == {newest}
    settings.MASTER_KEYS = masters.MasterKeys(settings.MASTER_KEYS.newest)
    assert vault.open_text(sealed, place=HERE) == "kept"
    events = Event.objects.filter(verb="keys_rewrapped", register__isnull=False).order_by("register__slug")
    assert [(event.register, event.details["master_key"]) for event in events] == [(acme, newest), (elsewhere, newest)]
    assert "0 data key(s) wrapped anew" in keys("rewrap")


@pytest.mark.django_db
def test_keys_that_do_not_unwrap_are_left_and_named(key, renewed):
    newest = renewed(alone=True)
    vault.data_key("account")
    with pytest.raises(CommandError, match=rf"Left as they were, since they do not unwrap: {key.pk}\."):
        keys("rewrap")
    assert Key.objects.get(pk=key.pk).master_key != newest
    assert "NOT HERE" in keys("status")


@pytest.mark.django_db
def test_the_status_counts_and_names_and_shows_no_key(acme, key, master):
    rotate(register=acme)
    said = keys("status")
    assert f"register: 2 data key(s), since {timezone.now():%Y-%m-%d}, under master key {key.master_key} (here)" in said
    assert "Data keys that do not unwrap: none" in said
    assert "Older versions, kept for what they sealed: 1" in said
    assert master not in said


@pytest.mark.django_db
def test_destroying_shows_the_keys_and_stops(key):
    with pytest.raises(CommandError, match="Nothing was destroyed"):
        keys("destroy", "--purpose", "register", "--register", "acme")
    assert Key.objects.get() == key


@pytest.mark.django_db
def test_a_destroyed_key_leaves_its_trace(acme, key):
    destroyed = actions.destroy([key.pk], actor=None, at=timezone.now())
    assert [row.purpose for row in destroyed] == ["register"]
    assert not Key.objects.exists()
    event = Event.objects.get(verb="key_destroyed")
    assert (event.register, event.subject_id, event.details["purpose"]) == (acme, key.pk, "register")
    with pytest.raises(vault.KeyDestroyed):
        actions.destroy([key.pk], actor=None, at=timezone.now())


@pytest.fixture
def names(monkeypatch):
    """The names of registers are sealed, as if they were secrets of a connector."""
    monkeypatch.setattr(columns, "_fields", [])
    columns.sealed_column(Register, "name")
    columns.sealed_column(Register, "name")

    def seal(register):
        key = vault.data_key("register", register=register)
        register.name = vault.seal_text(register.slug, key=key, place=Place.of(register, "name"))
        register.save()
        return register

    def opened(register):
        register.refresh_from_db()
        return vault.open_text(register.name, place=Place.of(register, "name"))

    seal.opened = opened
    return seal


@pytest.mark.django_db
def test_values_are_sealed_anew_in_batches_and_the_old_key_may_go(acme, elsewhere, master, names, monkeypatch):
    monkeypatch.setattr(columns, "BATCH", 1)
    untouched = names(elsewhere).name
    names(acme)
    old = vault.data_key("register", register=acme)
    rotate(register=acme)
    assert "1 value(s) sealed under the newest data keys" in keys("rewrap", "--values")
    actions.destroy([old.pk], actor=None, at=timezone.now())
    assert names.opened(acme) == "acme"
    elsewhere.refresh_from_db()
    assert elsewhere.name == untouched
    assert "0 value(s)" in keys("rewrap", "--values")
    Register.objects.filter(pk=elsewhere.pk).update(name="never sealed")
    rotate(register=acme)
    with pytest.raises(CommandError, match=rf"foundation_register\.name, row {elsewhere.pk}, does not open"):
        keys("rewrap", "--values")


@pytest.mark.processes
def test_a_rewrap_that_is_killed_is_finished_by_the_next(real_servers, settings, tmp_path, monkeypatch):
    Key.objects.bulk_create(wrapping.new_row("request", None, subject, 1) for subject in range(3 * actions.BATCH))
    sealed = vault.seal_text("kept", key=vault.data_key("request", subject=0), place=HERE)
    file = tmp_path / "master-key"
    file.write_text(f"{masters.new()}\n{file.read_text()}")
    settings.MASTER_KEYS = masters.read(file.read_text())
    left = Key.objects.wrapped_otherwise(settings.MASTER_KEYS.newest.id)

    # the third batch waits for a row that is held here
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM foundation_key WHERE subject_id = %s FOR UPDATE", [3 * actions.BATCH - 1])
        process = real_servers.start("django", "keys", "rewrap", DJANGO_SETTINGS_MODULE="config.settings")
        until(lambda: left.count() == actions.BATCH)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        cursor.execute("ROLLBACK")
    assert left.count() == actions.BATCH
    assert f"{actions.BATCH} data key(s) wrapped anew" in keys("rewrap")
    assert not left.exists()
    assert vault.open_text(sealed, place=HERE) == "kept"


@pytest.mark.processes
def test_those_who_rotate_at_once_make_one_version_each(real_servers):
    vault.data_key("account")
    ready = threading.Barrier(4)

    def one():
        try:
            ready.wait()
            actions.rotate("account", actor=None, at=timezone.now())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(Key.objects.values_list("version", flat=True)) == [1, 2, 3, 4, 5]
