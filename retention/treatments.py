"""What a mapping's treatments amount to in law (pure): erasure, anonymisation or pseudonymisation.

A hash, a token, a masked or shortened value is pseudonymisation: still personal data (art. 4(5)). What is left is
measured by the three criteria of opinion 05/2014 (WP216): singling out, linking, inferring. Only where nothing that
identifies a person and no token of one row is left may the result be called anonymisation; what stays is said even
then, since what stays together with other data may single a person out again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from retention.mapping import ChildFate, ColumnMapping, Step, TableMapping, Treatment


class Nature(StrEnum):
    """What becomes of personal data; the values are stable and stored, never shown."""

    ERASURE = "erasure"
    ANONYMISATION = "anonymisation"
    PSEUDONYMISATION = "pseudonymisation"
    RESTRICTION = "restriction"  # nothing goes: other people may see it


class Criterion(StrEnum):
    """The three risks of opinion 05/2014."""

    SINGLING_OUT = "singling_out"
    LINKABILITY = "linkability"
    INFERENCE = "inference"


CLEARING = frozenset({Treatment.NULL, Treatment.CONSTANT})
TOKENS = frozenset({Treatment.KEYED_HASH, Treatment.FILLER})
SHORTENING = frozenset({Treatment.YEAR_ONLY, Treatment.TRUNCATED_POSTCODE})

LABELS: dict[Nature, dict[str, str]] = {
    Nature.ERASURE: {"fr": "effacement", "en": "erasure"},
    Nature.ANONYMISATION: {
        "fr": "anonymisation, sous réserve des colonnes qui restent",
        "en": "anonymisation, subject to the columns that stay",
    },
    Nature.PSEUDONYMISATION: {
        "fr": "pseudonymisation : les données restent personnelles",
        "en": "pseudonymisation: the data stay personal",
    },
    Nature.RESTRICTION: {
        "fr": "limitation de l’accès ou archivage : rien n’est effacé",
        "en": "limited access or archive: nothing is erased",
    },
}
CRITERION_LABELS: dict[Criterion, dict[str, str]] = {
    Criterion.SINGLING_OUT: {"fr": "individualisation", "en": "singling out"},
    Criterion.LINKABILITY: {"fr": "corrélation", "en": "linkability"},
    Criterion.INFERENCE: {"fr": "inférence", "en": "inference"},
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a target amounts to; `remains` names, by criterion, the columns that speak against more."""

    nature: Nature
    remains: dict[Criterion, tuple[str, ...]]


def nature(columns: Sequence[ColumnMapping]) -> Nature:
    """Return what the treatment of the columns of a row that stays may be called."""
    return assessment(columns).nature


def assessment(columns: Sequence[ColumnMapping], *, linked: Sequence[str] = ()) -> Assessment:
    """Return what the treatment amounts to, and the columns that remain by criterion.

    `linked`: what still ties the row to others, such as its key where tables that keep their rows point at it.
    """
    identifying = tuple(c.name for c in columns if c.identity and c.treatment not in CLEARING | TOKENS)
    tokens = tuple(c.name for c in columns if c.treatment in TOKENS)
    kept = tuple(c.name for c in columns if not c.identity and c.treatment not in CLEARING | TOKENS)
    is_personal = identifying or tokens
    return Assessment(
        Nature.PSEUDONYMISATION if is_personal else Nature.ANONYMISATION,
        {
            Criterion.SINGLING_OUT: (*identifying, *tokens),
            Criterion.LINKABILITY: (*tokens, *linked),
            Criterion.INFERENCE: kept,
        },
    )


def of_target(mapping: TableMapping) -> Assessment:
    """Return what a target amounts to for the rows that are due; where the law keeps some, they are merely kept."""
    if mapping.step in {Step.ERASE, Step.RETURN_THEN_DESTROY}:
        return Assessment(Nature.ERASURE, {})
    if mapping.step in {Step.LIMIT_ACCESS, Step.ARCHIVE}:
        return Assessment(Nature.RESTRICTION, {})
    staying = [child for child in mapping.children if child.fate is not ChildFate.ERASE]
    columns = [*mapping.columns, *(column for child in staying for column in child.columns)]
    return assessment(columns, linked=[str(child.table) for child in staying])
