"""The columns that hold sealed values: each app names its own, so that all can be sealed anew under newer keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction

from foundation.keys import vault
from foundation.keys.models import Key
from foundation.keys.sealing import DoesNotOpen, Place, as_text, from_text, key_id_of

BATCH: Final = 200


@dataclass(frozen=True)
class SealedColumn:
    """One column of one model: text (`seal_text`), or bytes (`seal_bytes`) in a BinaryField."""

    model: type[models.Model]
    field: str

    @property
    def is_text(self) -> bool:
        return not isinstance(self.model._meta.get_field(self.field), models.BinaryField)


_columns: Final[list[SealedColumn]] = []


def sealed_column(model: type[models.Model], field: str) -> None:
    """Name a column whose values are sealed with `Place.of(row, field)`; called once, in the app's `ready()`."""
    column = SealedColumn(model, field)
    if column not in _columns:
        _columns.append(column)


def seal_anew() -> Iterator[tuple[SealedColumn, int]]:
    """Seal every value under the newest version of its key; yield each column with the number of each batch's values.

    Each batch is a transaction of its own: killed anywhere, the next run does what is left.
    """
    newest = Key.objects.superseded()
    for column in _columns if newest else ():
        last = 0
        while True:
            done, last = _seal_batch(column, newest, last)
            if not last:
                break
            yield column, done


@transaction.atomic
def _seal_batch(column: SealedColumn, newest: dict[int, int], after: int) -> tuple[int, int]:
    """Return how many values were sealed anew, and the last row looked at (0: none was left)."""
    rows = list(
        column.model._base_manager.select_for_update(no_key=True)
        .filter(pk__gt=after)
        .exclude(**{f"{column.field}__isnull": True})
        .order_by("pk")[:BATCH]
    )
    done = 0
    for row in rows:
        value, place = getattr(row, column.field), Place.of(row, column.field)
        key = newest.get(_key_of(column, value, place)) if value else None
        if key is not None:
            setattr(row, column.field, _sealed_anew(column, _bytes(column, value), key, place))
            row.save(update_fields=[column.field])
            done += 1
    return done, rows[-1].pk if rows else 0


def _key_of(column: SealedColumn, value: Any, place: Place) -> int:
    try:
        return key_id_of(_bytes(column, value))
    except DoesNotOpen:
        raise vault.SealBroken(place) from None


def _bytes(column: SealedColumn, value: Any) -> bytes:
    return from_text(value) if column.is_text else bytes(value)


def _sealed_anew(column: SealedColumn, sealed: bytes, key: int, place: Place) -> str | bytes:
    plain = vault.open_bytes(sealed, place=place)
    anew = vault.seal_bytes(plain, key=Key.objects.get(pk=key), place=place)
    return as_text(anew) if column.is_text else anew
