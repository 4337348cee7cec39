"""Roots of one's own, fresh or used before, and what runs in them."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.embedded.grounds import Ground

MEMORY_BYTES = 2 * 1024**3


@pytest.fixture(scope="session")
def open_folder():
    """Like tmp_path, which root's servers could not reach; in memory if there is enough, for the many fsyncs."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_BYTES
    folder = Path(tempfile.mkdtemp(prefix="greffier-tests-", dir=memory if roomy else None))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_ground(open_folder):
    grounds = []

    def make(root=None):
        if root is None:
            root = Path(tempfile.mkdtemp(dir=open_folder)) / "var"
            root.parent.chmod(0o711)
        ground = Ground(root)
        grounds.append(ground)
        return ground

    yield make
    for ground in grounds:
        ground.clean()


@pytest.fixture
def fresh(make_ground):
    """A root that has never been used."""
    return make_ground()


@pytest.fixture(scope="session")
def template(open_folder):
    ground = Ground(open_folder / "template")
    client = ground.client()
    assert client.error is None, client.error
    client.end()
    ground.wait_until_gone()
    yield ground.root
    ground.clean()


@pytest.fixture(scope="module")
def running(open_folder, template):
    """A client of servers that run for all tests of the module; these change nothing that lasts."""
    root = Path(tempfile.mkdtemp(dir=open_folder)) / "var"
    root.parent.chmod(0o711)
    subprocess.run(["cp", "-a", template, root], check=True)
    ground = Ground(root)
    yield ground.client(valkey=False)
    ground.clean()


@pytest.fixture
def used(make_ground, template):
    """A root whose servers have run before, and are stopped."""
    ground = make_ground()
    subprocess.run(["cp", "-a", template, ground.root], check=True)
    return ground
