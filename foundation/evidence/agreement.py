"""What an event and the row it speaks of must say alike: each app declares it for its own tables when it starts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import models

from foundation.evidence import verifier

REGISTER: Final = "register_id"  # what an event says of it stands beside the details, not in them
Fact = tuple[str, str, str, Any]  # table, column, the detail of the event that must be equal, the value in the table


class TextDigest(models.Func):
    """The SHA-256 (hex) of a text column, computed by the database."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = models.CharField()


@dataclass(frozen=True)
class Agreement:
    """For one verb: `columns` of the model's row, and `details` of the event that must be equal, pair by pair.

    Every row for which `proved` holds must have such an event: one without was written past the application.
    """

    verb: str
    model: type[models.Model]
    columns: tuple[str, ...]
    details: tuple[str, ...]
    values: tuple[models.expressions.Combinable, ...]
    proved: models.Q

    @property
    def subject_type(self) -> str:
        return self.model._meta.label_lower

    def facts(self, rows: Iterable[int]) -> dict[int, list[Fact]]:
        """Return the facts of these rows by their number; of one that is gone, that it is gone."""
        table = self.model._meta.db_table
        wanted = set(rows)
        found = self.model._base_manager.filter(pk__in=wanted).values_list("pk", *self.values)
        told: dict[int, list[Fact]] = {pk: [(table, "id", "", None)] for pk in wanted}
        for pk, *values in found:
            told[pk] = [
                (table, column, detail, value)
                for column, detail, value in zip(self.columns, self.details, values, strict=True)
            ]
        return told


_agreements: Final[list[Agreement]] = []


def must_agree(
    verb: str,
    model: type[models.Model],
    *,
    columns: Mapping[str, str],
    digests: Mapping[str, str] | None = None,
    proved: models.Q | None = None,
) -> None:
    """Declare it: {column: detail} for equal values, and for text columns whose SHA-256 the detail holds.

    The register of the row must be that of the event, in any case.
    """
    pairs = [(column, detail, models.F(column)) for column, detail in {REGISTER: "register", **columns}.items()]
    hashed = [(f"{column} (its SHA-256)", detail, TextDigest(column)) for column, detail in (digests or {}).items()]
    names, details, values = zip(*pairs, *hashed, strict=True)
    _agreements.append(Agreement(verb, model, names, details, values, proved or models.Q()))


def add_facts(lines: Sequence[verifier.Line]) -> None:
    """Add to lines of events what stands in the tables now."""
    for agreement in _agreements:
        spoken = [line for line in lines if line["leaf"] is not None and _is_of(agreement, line["leaf"])]
        if spoken:
            told = agreement.facts(line["leaf"]["subject_id"] for line in spoken)
            for line in spoken:
                line["facts"] = told[line["leaf"]["subject_id"]]


def rows_to_be_proved() -> Iterator[verifier.Line]:
    """Yield one line for each row that an event must speak of."""
    for agreement in _agreements:
        for pk in agreement.model._base_manager.filter(agreement.proved).values_list("pk", flat=True).iterator():
            yield {
                "type": "row",
                "table": agreement.model._meta.db_table,
                "row": pk,
                "verb": agreement.verb,
                "subject_type": agreement.subject_type,
            }


def _is_of(agreement: Agreement, leaf: verifier.Line) -> bool:
    return bool(leaf["verb"] == agreement.verb and leaf["subject_type"] == agreement.subject_type)
