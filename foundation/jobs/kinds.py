"""The kinds of work: each app declares its own in its module `work`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from foundation.jobs.held import HeldJob

    Handler = Callable[[HeldJob], None]
Sweep = Callable[[datetime], None]


@dataclass(frozen=True)
class Kind:
    """How one kind of job is done.

    `title`: what it does, in the words of a person. `attempts`: how often it is tried before it is given up.
    `at_most`: seconds after which its lease is no longer renewed. `kept`: its rows outlive the usual time, since other
    rows refer to them.
    """

    name: str
    title: "str | Promise"
    handler: "Handler"
    attempts: int
    at_most: float
    retry_on: tuple[type[Exception], ...]
    kept: bool


_kinds: Final[dict[str, Kind]] = {}
_sweeps: Final[list[Sweep]] = []


def worker(
    name: str,
    *,
    title: "str | Promise" = "",
    attempts: int = 5,
    at_most: float = 3600,
    retry_on: tuple[type[Exception], ...] = (),
    kept: bool = False,
) -> "Callable[[Handler], Handler]":
    """Declare the function that does jobs of this kind; it may run twice and may be killed anywhere."""

    def declare(handler: "Handler") -> "Handler":
        _kinds[name] = Kind(name, title or name, handler, attempts, at_most, retry_on, kept)
        return handler

    return declare


def sweep(function: Sweep) -> Sweep:
    """Have a function called at each tick: it asks for one job per thing that is due."""
    _sweeps.append(function)
    return function


def find(name: str) -> Kind | None:
    """Return a kind of work, or None where this version of Greffier knows none of this name."""
    _discover()
    return _kinds.get(name)


def choices() -> list[tuple[str, str]]:
    """Return (name, title) of all kinds."""
    _discover()
    return sorted((kind.name, str(kind.title)) for kind in _kinds.values())


def title(name: str) -> str:
    """Return what a kind of work is called before people."""
    kind = find(name)
    return str(kind.title) if kind else name


def kept() -> list[str]:
    """Return the kinds whose rows outlive the usual time."""
    _discover()
    return sorted(kind.name for kind in _kinds.values() if kind.kept)


def sweeps() -> tuple[Sweep, ...]:
    """Return what is called at each tick."""
    _discover()
    return tuple(_sweeps)


def _discover() -> None:
    autodiscover_modules("work")
