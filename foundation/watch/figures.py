"""The folder in which gunicorn's processes leave their figures; no other process writes there."""

import os
import re
from pathlib import Path

OF_PROCESS = re.compile(r"_(\d+)\.db$")


def forget_the_dead(folder: Path) -> None:
    """Make the folder, and delete the files of processes that have ended."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        found = OF_PROCESS.search(file.name)
        if found and not _runs(int(found[1])):
            file.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
