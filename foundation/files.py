"""Names of files that outlast a power cut."""

import os
from pathlib import Path


def write_through(folder: Path) -> None:
    """Let the names in this folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
