"""What a mapping says: where a rule bites in a business database, and what becomes of each column (pure).

The admin, the mapping files of the examples and the statements all speak of these values; nothing here is SQL.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum

Key = tuple[int | str, ...]  # the value of the key columns, in their order


class Treatment(StrEnum):
    """What becomes of a column; the values are stable and stored, never shown."""

    KEEP = "keep"  # the column says nothing about a person
    NULL = "null"
    CONSTANT = "constant"
    YEAR_ONLY = "year_only"  # the first of January of the same year
    TRUNCATED_POSTCODE = "truncated_postcode"  # the département: two digits, then zeros
    KEYED_HASH = "keyed_hash"  # HMAC under a key of the run: pseudonymisation, art. 4(5)
    FILLER = "filler"  # a generated value that keeps a constraint content
    ARCHIVE_ONLY = "archive_only"  # goes to the intermediate archive with the row, and leaves the active base


class Step(StrEnum):
    """What a target does to the rows that are due; a rule may need several targets, one per step."""

    LIMIT_ACCESS = "limit_access"  # the access column is set: the operational services no longer see the row
    ARCHIVE = "archive"  # the row moves to the intermediate archive, which another database role reads
    ANONYMISE = "anonymise"  # the columns are treated, the row stays
    ERASE = "erase"  # the row and its children go
    RETURN_THEN_DESTROY = "return_then_destroy"  # handed back first: erased once the return is confirmed
    SUPPRESSION_LIST = "suppression_list"  # only what honours an objection stays


class ChildFate(StrEnum):
    """What becomes of the rows of a child table when their parent is due."""

    ERASE = "erase"
    TREAT = "treat"  # its columns are treated, its rows stay
    KEEP = "keep"  # nothing in it speaks of a person


@dataclass(frozen=True, slots=True)
class TableName:
    name: str
    schema: str = ""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Law:
    """A statutory domain of data (`retention.statutory`), and the column that dates the document; empty: undated."""

    domain: str
    dated_by: str = ""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A column and what becomes of it; `identity` names the identifier that it holds (email, phone, name…)."""

    name: str
    treatment: Treatment
    constant: str = ""
    identity: str = ""
    law: Law | None = None


@dataclass(frozen=True, slots=True)
class ChildMapping:
    """A table whose rows hang on the target's rows by `foreign_key`, in the order of the key they point at."""

    table: TableName
    foreign_key: tuple[str, ...]
    fate: ChildFate
    columns: tuple[ColumnMapping, ...] = ()
    law: Law | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A rule's place in one table.

    `events` gives the column of each start event; a naive timestamp is read in `zone`. Rows count as in the rule's
    state when `state_column` holds one of `state_values`; without a column, every row does. `children` come in the
    order in which they are erased. In a target that erases, a column's treatment is what becomes of it where the row
    has to stay (a statutory minimum, another rule).
    """

    table: TableName
    key: tuple[str, ...]
    events: dict[str, str]
    step: Step
    columns: tuple[ColumnMapping, ...]
    children: tuple[ChildMapping, ...] = ()
    state_column: str = ""
    state_values: tuple[str, ...] = ()
    law: Law | None = None
    archive: TableName | None = None
    access_column: str = ""  # for LIMIT_ACCESS: the column that is set
    access_value: str = ""
    returned_column: str = ""  # for RETURN_THEN_DESTROY: the column that confirms the return
    zone: str = "Europe/Paris"

    @property
    def version(self) -> str:
        """The SHA-256 (hex) of all the mapping says: an arming holds for this version only."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
