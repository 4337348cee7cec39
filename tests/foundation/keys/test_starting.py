"""A lost, missing or foreign master key stops the start, says what is wanted, and is never replaced in silence."""

import stat
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from environ.fileaware_mapping import FileAwareMapping

from foundation.keys import checks, master_file, masters, starting, vault
from foundation.keys.models import Key


def environment(tmp_path, text):
    path = tmp_path / "given"
    path.write_bytes(text)
    return FileAwareMapping({"GREFFIER_MASTER_KEY_FILE": str(path)})


def test_several_keys_stand_newest_first(tmp_path):
    old, new = masters.new(), masters.new()
    keys = master_file.given(environment(tmp_path, f"{new}\n{old}\n".encode()))
    assert keys.ids == (masters.read(new).newest.id, masters.read(old).newest.id)
    assert keys.newest.id == keys.ids[0]
    assert master_file.given({"GREFFIER_MASTER_KEY": f"{new},{old}"}).ids == keys.ids
    assert master_file.given({}) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(b"canary-canary!", "number 1 is not written in base64", id="not base64"),
        pytest.param(b"Y2FuYXJ5LWNhbmFyeQ==", "has 13 bytes", id="too short"),
        pytest.param(b" \n", "is empty", id="empty"),
        pytest.param(b"\xff\xfe", "it is not text", id="bytes"),
    ],
)
def test_a_bad_master_key_is_refused_without_being_repeated(tmp_path, text, words):
    with pytest.raises(ImproperlyConfigured, match=words) as refusal:
        master_file.given(environment(tmp_path, text))
    assert str(tmp_path / "given") in str(refusal.value)
    assert "canary" not in str(refusal.value)
    assert "Y2FuYXJ5" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    given = environment(tmp_path, b"")
    (tmp_path / "given").unlink()
    with pytest.raises(ImproperlyConfigured, match=r"No such file.*Put the file back") as refusal:
        master_file.given(given)
    assert str(tmp_path / "given") in str(refusal.value)


def test_the_try_out_makes_its_key_once_for_its_owner_only(tmp_path):
    path = tmp_path / "keys" / "master-key"
    made = []

    def start():
        made.append(master_file.kept(path, wanted=list).ids)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["master-key"]


def test_the_try_out_makes_no_new_key_where_the_database_holds_keys(tmp_path):
    path = tmp_path / "keys" / "master-key"
    with pytest.raises(ImproperlyConfigured, match=r"is lost.*0123456789abcdef.*Put that file back") as refusal:
        master_file.kept(path, wanted=lambda: ["0123456789abcdef"])
    assert str(path) in str(refusal.value)
    assert not path.exists()


def test_a_master_key_of_the_try_out_that_is_not_text_is_refused_in_words(tmp_path):
    path = tmp_path / "master-key"
    path.write_bytes(b"\xff\xfe\x00k")
    with pytest.raises(ImproperlyConfigured, match=r"cannot be read from .*master-key: it is not text\. Put that file"):
        master_file.kept(path, wanted=list)


def test_another_first_starter_may_have_made_the_key_meanwhile(tmp_path):
    path = tmp_path / "keys" / "master-key"

    def wanted():
        return list(master_file.kept(path, wanted=list).ids)

    assert master_file.kept(path, wanted=wanted).ids


@pytest.mark.django_db
def test_fitting_keys_pass_every_check(master):
    vault.data_key("account")
    assert checks.a_master_key_is_given() == []
    assert checks.master_keys_fit(databases=["default"]) == []


@pytest.mark.django_db
def test_the_check_of_the_database_names_the_key_that_is_wanted(master, settings):
    wanted = vault.data_key("account").master_key
    settings.MASTER_KEYS = masters.read(masters.new(), remedy="Put it back.")
    with pytest.raises(SystemCheckError, match=f"greffier.K002.*only the master key {wanted} opens.*Put it back"):
        call_command("check", databases=["default"])


@pytest.mark.django_db
def test_the_check_of_the_database_finds_a_row_that_was_changed(master):
    Key.objects.filter(pk=vault.data_key("account").pk).update(wrapped=b"\x01" + b"changed" * 8)
    with pytest.raises(SystemCheckError, match=r"greffier.K002.*does not unwrap although its master key is here"):
        call_command("check", databases=["default"])


def test_the_deployment_check_asks_for_a_master_key(settings):
    settings.MASTER_KEYS = masters.MasterKeys(remedy="Set it.")
    assert [(error.id, error.hint) for error in checks.a_master_key_is_given()] == [("greffier.K001", "Set it.")]
    assert checks.master_keys_fit(databases=["default"]) == []  # migrate runs without
    with pytest.raises(ImproperlyConfigured, match=r"K001.*Set it"):
        starting.require_fitting_keys()


# -- real processes ---------------------------------------------------------------------------------------------------

GUNICORN = ("gunicorn", "config.wsgi", "--bind", "127.0.0.1:0", "--workers", "1", "--no-control-socket")
WORKER = ("celery", "-A", "config", "worker", "--loglevel", "ERROR", "--concurrency", "1", "--without-gossip")


@pytest.mark.processes
@pytest.mark.parametrize("command", [GUNICORN, WORKER], ids=["gunicorn", "worker"])
def test_web_and_worker_do_not_start_with_a_foreign_key(real_servers, tmp_path, command):
    wanted = vault.data_key("account").master_key
    foreign = tmp_path / "foreign-key"
    foreign.write_text(masters.new())
    process = real_servers.start(*command, GREFFIER_MASTER_KEY_FILE=str(foreign))
    try:
        assert process.wait(30) != 0
    finally:
        process.kill()
    said = real_servers.log.read_text()
    assert f"only the master key {wanted} opens" in said
    assert str(foreign) in said
    assert foreign.read_text() not in said
