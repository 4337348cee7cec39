"""Backup and restore of a whole try-out, killed at random moments."""

import os
import random
import subprocess
import sys
import time
from collections import Counter

from benchmarks.embedded_cases import case
from foundation.backup.archive import check
from tests.embedded.grounds import REPOSITORY

CUT_SHORT = "was cut short here"


class TryOut:
    """An installation below a folder of its own, used by its commands alone."""

    def __init__(self, grounds, name):
        self.var = grounds.place() / name
        self.var.mkdir(mode=0o711)
        self.ground = grounds.fresh(self.var / "servers")

    def start(self, *arguments):
        outside = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "GREFFIER_FILES")
        environment = {name: value for name, value in os.environ.items() if name not in outside}
        return subprocess.Popen(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=REPOSITORY,
            env=environment | {"GREFFIER_VAR": str(self.var), "GREFFIER_SERVERS_GRACE": "5"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments, fails=False):
        process = self.start(*arguments)
        said = process.communicate()[0]
        assert fails or process.returncode == 0, f"{arguments[0]}: {said[-400:]}"
        return said

    def state(self):
        query = "from foundation.models import Register; print(*sorted(r.slug for r in Register.objects.all()))"
        registers = self.run("shell", "--no-imports", "-c", query).split()
        return registers, sorted(path.read_text() for path in (self.var / "files").glob("*"))

    def put(self, text):
        (self.var / "files").mkdir(exist_ok=True)
        (self.var / "files" / text).write_text(text)


@case(
    "a backup of the own servers restored on another machine",
    "an example register saved with `backup`, restored into a fresh root",
)
def another_machine(grounds, rounds):
    here, there = TryOut(grounds, "here"), TryOut(grounds, "there")
    here.run("migrate", "-v0")
    here.run("load_register", "examples/sofacto.yaml")
    here.put("print")
    path = here.var.parent / "backup.tar"
    here.run("backup", path)
    said = there.run("restore", path)
    assert there.state() == (["sofacto"], ["print"]), said
    there.run("migrate", "--check")
    assert there.run("dump_register", "sofacto") == here.run("dump_register", "sofacto")
    return f"the canonical form is the same byte by byte, `migrate --check` is clean; {path.stat().st_size:,} bytes"


@case(
    "kill -9 of `restore --replace` and of `backup`",
    "at a random moment of the run, then `restore` without a file; at least 5 rounds",
)
def killed(grounds, rounds):
    here = TryOut(grounds, "here")
    here.run("migrate", "-v0")
    here.run("load_register", "examples/sofacto.yaml")
    here.put("old")
    path = here.var.parent / "backup.tar"
    here.run("backup", path)
    old = here.state()
    here.run("load_register", "examples/sistec.yaml")
    here.put("new")
    saved_later = here.var.parent / "later.tar"
    here.run("backup", saved_later)
    new = here.state()
    assert old != new
    started = time.monotonic()
    here.run("restore", path, "--replace")
    length, seen, current = time.monotonic() - started, Counter(), old
    for number in range(max(rounds, 5)):
        wanted, archive = (new, saved_later) if current == old else (old, path)
        process = here.start("restore", archive, "--replace")
        time.sleep(random.uniform(length * 0.4, length * 1.1))
        process.kill()
        process.communicate()
        if CUT_SHORT in here.run("migrate", "--check", fails=True):
            seen["finished" if "was finished" in here.run("restore") else "undone"] += 1
        else:
            seen["before or after its work"] += 1
        found = here.state()
        assert found in (old, new), found
        assert found in (current, wanted)
        current = found
        assert not list(here.var.glob("*restore[.-]*")), "something is left"
        made = here.var.parent / f"killed-{number}.tar"
        backup = here.start("backup", made)
        time.sleep(random.uniform(0.4, 1.2) * length / 2)
        backup.kill()
        backup.communicate()
        if made.exists():
            check(made)  # whole, or it would not have its name
    return (
        f"each time the old or the new installation, whole: {', '.join(f'{n} × {s}' for s, n in sorted(seen.items()))}"
    )
