"""Do to the application's own servers what may happen to them, and write down what was seen.

`python -m benchmarks.embedded_failures [--rounds N] [--only WORD]`: each case really happens, to a root of its own in a
temporary folder; the table goes to `docs/embedded-failures.md`. Needs the packages of requirements/dev.txt.
"""

import argparse
import os
import platform
import shutil
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks import backup_cases  # noqa: F401 adds its cases
from benchmarks.embedded_cases import CASES
from benchmarks.embedded_grounds import Grounds, NotRunHere

TABLE = Path(__file__).resolve().parent.parent / "docs" / "embedded-failures.md"
HEAD = """# What was done to the own servers, and what was seen

Written by `python -m benchmarks.embedded_failures --rounds {rounds}` on {day}: {machine}. Each case really happened, to
servers of its own; a row counts as lost only if it was acknowledged. Seconds are those of the whole case on a machine
that was busy with other work.

| case | what was done | what was seen | seconds | verdict |
|---|---|---|---|---|
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="of each way to kill; 20 at least for the power cut")
    parser.add_argument("--only", default="", help="cases whose name holds this word; the table is then not written")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="greffier-failures-"))
    folder.chmod(0o711)
    try:
        failed = run(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


def run(folder, options):
    lines, failed = [], False
    template = Grounds(folder, None).make_template()
    for name, done, case in CASES:
        if options.only not in name:
            continue
        grounds = Grounds(folder, template)
        started = time.monotonic()
        try:
            seen, verdict = case(grounds, options.rounds), "held"
        except NotRunHere as reason:
            seen, verdict = f"not run: {reason}", "–"
        except Exception as error:  # noqa: BLE001 the outermost frame: one case's failure is a line of the table
            seen, verdict = f"{type(error).__name__}: {str(error)[:300]}".replace("\n", " "), "**FAILED**"
            failed = True
        finally:
            grounds.clean()
        lines.append(f"| {name} | {done} | {seen} | {time.monotonic() - started:.1f} | {verdict} |")
        print(lines[-1], flush=True)
        if not options.only:  # after each case: what was seen is kept if a later one is interrupted
            TABLE.write_text(head(options.rounds) + "\n".join(lines) + "\n")
    return failed


def head(rounds):
    machine = f"Linux {platform.release()}, {os.cpu_count()} processors, Python {platform.python_version()}, "
    user = "root" if os.geteuid() == 0 else "an ordinary user"
    return HEAD.format(rounds=rounds, day=f"{date.today():%Y-%m-%d}", machine=f"{machine}as {user}")  # noqa: DTZ011


if __name__ == "__main__":
    raise SystemExit(main())
