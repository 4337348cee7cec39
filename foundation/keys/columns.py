"""Where sealed values stand: each app names its own, so that all can be counted, and sealed anew under newer keys."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction

from foundation.keys import vault
from foundation.keys.models import Key
from foundation.keys.sealing import DoesNotOpen, Place, as_text, from_text, key_id_of

BATCH: Final = 200

Change = Callable[[bytes, Place], bytes]


@dataclass(frozen=True)
class SealedField(ABC):
    """One field of one model that holds sealed values."""

    model: type[models.Model]
    field: str

    def rows(self) -> models.QuerySet[Any]:
        """Return the rows that may hold a sealed value."""
        return self.model._base_manager.exclude(**{f"{self.field}__isnull": True})

    @abstractmethod
    def change(self, row: Any, by: Change) -> None:
        """Put in the place of each sealed value of the row what `by` makes of it; nothing is saved."""


class SealedColumn(SealedField):
    """A column that is one value, sealed with `Place.of(row, field)`: text, or bytes in a BinaryField."""

    def change(self, row: Any, by: Change) -> None:
        value, place = getattr(row, self.field), Place.of(row, self.field)
        if not value:
            return
        is_bytes = isinstance(self.model._meta.get_field(self.field), models.BinaryField)
        setattr(row, self.field, by(bytes(value), place) if is_bytes else text_changed(value, place, by))


def text_changed(text: str, place: Place, by: Change) -> str:
    """Return the sealed text that `by` makes of one."""
    try:
        sealed = from_text(text)
    except DoesNotOpen:
        raise vault.SealBroken(place) from None
    return as_text(by(sealed, place))


_fields: Final[list[SealedField]] = []


def sealed_field(field: SealedField) -> None:
    """Name a field that holds sealed values; called once, in the app's `ready()`."""
    if field not in _fields:
        _fields.append(field)


def sealed_column(model: type[models.Model], field: str) -> None:
    """Name a column whose values are sealed with `Place.of(row, field)`; called once, in the app's `ready()`."""
    sealed_field(SealedColumn(model, field))


def count_by_key() -> Counter[int]:
    """Return how many values stand under each data key, by its number."""
    counted: Counter[int] = Counter()

    def count(sealed: bytes, place: Place) -> bytes:
        counted[_key_of(sealed, place)] += 1
        return sealed

    for field in _fields:
        for row in field.rows().iterator(chunk_size=1000):
            field.change(row, count)
    return counted


def seal_anew() -> Iterator[tuple[SealedField, int]]:
    """Seal every value under the newest version of its key; yield each field with the number of each batch's values.

    Each batch is a transaction of its own: killed anywhere, the next run does what is left.
    """
    newest = Key.objects.superseded()
    for field in _fields if newest else ():
        last = 0
        while True:
            done, last = _seal_batch(field, newest, last)
            if not last:
                break
            yield field, done


@transaction.atomic
def _seal_batch(field: SealedField, newest: dict[int, int], after: int) -> tuple[int, int]:
    """Return how many values were sealed anew, and the last row looked at (0: none was left)."""
    done: list[Place] = []

    def anew(sealed: bytes, place: Place) -> bytes:
        key = newest.get(_key_of(sealed, place))
        if key is None:
            return sealed
        done.append(place)
        return vault.seal_bytes(vault.open_bytes(sealed, place=place), key=Key.objects.get(pk=key), place=place)

    rows = list(field.rows().select_for_update(no_key=True).filter(pk__gt=after).order_by("pk")[:BATCH])
    for row in rows:
        before = len(done)
        field.change(row, anew)
        if len(done) > before:
            row.save(update_fields=[field.field])
    return len(done), rows[-1].pk if rows else 0


def _key_of(sealed: bytes, place: Place) -> int:
    try:
        return key_id_of(sealed)
    except DoesNotOpen:
        raise vault.SealBroken(place) from None
