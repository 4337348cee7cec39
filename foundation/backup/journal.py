"""The traces of a restore under way: enough to finish it or to undo it, whenever it is killed."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from django.core.management import CommandError, call_command
from django.db import DatabaseError

from foundation.backup import archive, database, holdings
from foundation.backup.errors import RestoreUnfinished
from foundation.backup.occupancy import JOURNAL
from foundation.embedded.files import write_private
from foundation.errors import RuleViolation
from foundation.files import write_through

UNFINISHED = (
    "The backup is in place, but its database could not be brought to this release, so nothing starts here. Mend the "
    "cause and run `manage.py restore` without a file: it goes on. Or run `manage.py restore --undo`: it brings back "
    "what was here before."
)


@dataclass(frozen=True)
class Move:
    """What is to stand at `current`: prepared at `new`; what stood there goes to `kept`."""

    new: Path
    current: Path
    kept: Path

    @classmethod
    def of(cls, current: Path, identifier: str) -> Self:
        return cls(
            current.with_name(f"{current.name}.restore-{identifier}"),
            current,
            current.with_name(f"{current.name}.before-{identifier}"),
        )

    def make(self) -> None:
        """Do it; done again after a kill, it goes on where it was."""
        if not self.new.exists():
            return
        if self.current.exists():
            self.current.rename(self.kept)
        self.new.rename(self.current)
        write_through(self.current.parent)

    def unmake(self) -> None:
        """Put back what stood there; done again after a kill, it goes on where it was."""
        if self.current.exists() and not self.new.exists():
            self.current.rename(self.new)
        if self.kept.exists() and not self.current.exists():
            self.kept.rename(self.current)
        write_through(self.current.parent)


@dataclass(frozen=True)
class Journal:
    """Written before anything else is; removed after everything else is."""

    identifier: str
    moves: tuple[Move, ...]

    @classmethod
    def read(cls) -> Self | None:
        """Return what an interrupted restore left, if one did."""
        try:
            found = json.loads(_path().read_text())
        except FileNotFoundError:
            return None
        moves = tuple(Move(*(Path(move[name]) for name in ("new", "current", "kept"))) for move in found["moves"])
        return cls(found["identifier"], moves)

    @property
    def dump(self) -> Path:
        return holdings.var() / f"database.restore-{self.identifier}"

    def write(self) -> None:
        write_private(_path(), json.dumps(asdict(self), default=str))
        write_through(_path().parent)

    def settle(self) -> bool:
        """Finish the restore if the database has been replaced, undo it otherwise; tell which."""
        done = database.settled(self.identifier)
        for move in self.moves:
            if done:
                move.make()
            archive.remove(move.new)
        archive.remove(self.dump)
        if done:
            self._migrate()
        _path().unlink()
        write_through(_path().parent)
        return done

    def undo(self) -> None:
        """Go back to the installation from before, though the database has been replaced already."""
        if database.settled(self.identifier):
            database.refuse_to_take_back_nothing(self.identifier)
            for move in self.moves:  # killed here, it is a restore to finish again: the database decides
                move.unmake()
            database.take_back(self.identifier)
        self.settle()

    def _migrate(self) -> None:
        """Bring tables of an older release up to date; lay down what the owner lays down after each migration."""
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except (DatabaseError, CommandError, RuleViolation) as error:
            raise RestoreUnfinished(f"{str(error).strip()[-database.WORDS :]}\n{UNFINISHED}") from error
        except BaseException as error:
            error.add_note(UNFINISHED)
            raise


def _path() -> Path:
    return holdings.var() / JOURNAL
