"""Where data lies and where sockets are."""

import hashlib
import logging
import os
import stat
import tempfile
from pathlib import Path

from foundation.embedded.account import Account
from foundation.embedded.errors import EmbeddedServersError
from foundation.embedded.files import make_directory, write_private

log = logging.getLogger(__name__)

ELSEWHERE = Path("/var/lib/greffier")
POINTER = "data-location.txt"


def home_of(root: Path, account: Account) -> Path:
    """Return the folder of data: `root`, or one that the account can reach if a private parent hides `root`."""
    known = known_home(root)
    if known != root:
        return known
    if not account.dropped or account.can_enter(root):
        return root
    closed = next(path for path in [*reversed(root.parents), root] if not account.can_enter(path))
    if (root / "postgres" / "clusters").exists():
        raise EmbeddedServersError(
            f"The data in {root} was made when the user {account.name} could reach it; now {closed} is closed to that "
            f"user. Nothing was changed. Open it again (chmod o+x), or move {root} to a place that is open."
        )
    home = ELSEWHERE / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    make_directory(ELSEWHERE)
    make_directory(home)
    if not account.can_enter(home):
        raise EmbeddedServersError(
            f"The user {account.name} can reach neither {root} ({closed} is private) nor {home}. Nothing was changed. "
            "Move the application to a folder that all may cross, or set DATABASE_URL and REDIS_URL."
        )
    write_private(root / POINTER, f"{home}\n")
    log.info("%s is private: the data of the servers of %s is kept in %s", closed, root, home)
    return home


def known_home(root: Path) -> Path:
    """Return where an earlier start put the data."""
    pointer = root / POINTER
    if not pointer.exists():
        return root
    home = Path(pointer.read_text().strip())
    if not home.is_absolute() or not home.is_dir():
        raise EmbeddedServersError(
            f"{pointer} says that the data is in {home}, which is not there. Nothing was changed. "
            f"Put that folder back, or remove {pointer} to begin with an empty database."
        )
    return home


def socket_directory(folder: Path, account: Account) -> Path:
    """Return a short folder that only the account can use: a socket's path may have 107 characters at most."""
    short = Path("/tmp")  # noqa: S108 checked below; TMPDIR may be long, or closed to the account
    parent = short if os.access(short, os.W_OK) else Path(tempfile.gettempdir())
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    directory = parent / f"greffier-{account.uid}-{name}"
    account.own_directory(directory)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedServersError(
            f"{directory} should be a private folder of user {account.name} and is not: somebody else made it. "
            "Nothing was changed. Remove it and start again."
        )
    return directory
