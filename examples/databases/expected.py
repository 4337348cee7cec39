"""What the rules should do in a generated database, as the generator knows it from how it placed each row."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Hold:
    """Data that must not go meanwhile: the person of an open dispute."""

    target: str  # name of the target in the mapping file
    identity: str
    value: str


@dataclass(frozen=True, slots=True)
class TargetExpected:
    """One target in numbers. Of `rows`, all those of its table, `in_state` are in the rule's state.

    `in_state` = `due` + `held` + `open` (no event at all) + `not_yet`. Of the `due`, which a run touches, `erased` go
    and `treated` stay, treated: every one in a target that anonymises, else those that a law keeps. `children`
    {table: (rows erased, rows treated)}; `kept_by_law` {domain: rows that stay for its sake among those of the due}.
    `blocked`: why a run does nothing all the same; the other numbers then say what it would touch by this rule alone.
    `archive`: the table to which the erased rows go. The name of a target begins with that of its table.
    """

    rows: int = 0
    in_state: int = 0
    due: int = 0
    held: int = 0
    open: int = 0
    not_yet: int = 0
    erased: int = 0
    treated: int = 0
    children: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    kept_by_law: Mapping[str, int] = field(default_factory=dict)
    oldest_on: date | None = None
    blocked: str = ""
    archive: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """All that a generated database should show. `tables`: rows of each; `holds` are to be recorded before a run."""

    as_of: date
    targets: Mapping[str, TargetExpected]
    tables: Mapping[str, int]
    holds: tuple[Hold, ...] = ()

    def after_runs(self, table: str) -> int:
        """Return how many rows of a table are left when every target that may run has run once."""
        rows = self.tables[table]
        for name, target in self.targets.items():
            if not target.blocked:
                rows -= target.children.get(table, (0, 0))[0]
                rows -= target.erased if name.partition(" · ")[0] == table else 0
                rows += target.erased if target.archive == table else 0
        return rows


class Tally:
    """Counts the rows of one target while they are placed."""

    def __init__(self, *, blocked: str = "", archive: str = "") -> None:
        self._blocked, self._archive = blocked, archive
        self._counts: Counter[str] = Counter()
        self._erased: Counter[str] = Counter()
        self._treated: Counter[str] = Counter()
        self._law: Counter[str] = Counter()
        self._oldest: date | None = None

    def row(
        self,
        *,
        in_state: bool = True,
        is_over: bool = False,
        has_event: bool = True,
        is_held: bool = False,
        stays: bool = False,
        first_on: date | None = None,
    ) -> bool:
        """Count a row of the target's table; return whether a run touches it. `stays`: a law, or the step, keeps it."""
        self._counts["rows"] += 1
        if not in_state:
            return False
        self._counts["in_state"] += 1
        if not is_over:
            self._counts["not_yet" if has_event else "open"] += 1
            return False
        if is_held:
            self._counts["held"] += 1
            return False
        self._counts["due"] += 1
        self._counts["treated" if stays else "erased"] += 1
        if first_on and (self._oldest is None or first_on < self._oldest):
            self._oldest = first_on
        return True

    def child(self, table: str, *, erased: int = 0, treated: int = 0) -> None:
        """Count child rows of a row that a run touches."""
        self._erased[table] += erased
        self._treated[table] += treated

    def law(self, domain: str, rows: int) -> None:
        """Count rows of such a row that stay because a law orders it."""
        self._law[domain] += rows

    def expected(self) -> TargetExpected:
        children = {table: (self._erased[table], self._treated[table]) for table in self._erased | self._treated}
        return TargetExpected(
            **{name: self._counts[name] for name in ("rows", "in_state", "due", "held", "open", "not_yet")},
            erased=self._counts["erased"],
            treated=self._counts["treated"],
            children=children,
            kept_by_law={domain: rows for domain, rows in self._law.items() if rows},
            oldest_on=self._oldest,
            blocked=self._blocked,
            archive=self._archive,
        )
