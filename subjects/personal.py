"""What names the person of a record: sealed as JSON under a key of the record's own."""

import json
from collections.abc import Mapping
from typing import Final

from django.views.decorators.debug import sensitive_variables

from foundation.accounts.models import Register
from foundation.keys import vault
from subjects.models import SubjectRecord

MOST_FIELDS: Final = 20
LONGEST_VALUE: Final = 300


@sensitive_variables("fields", "text")
def sealed(record: SubjectRecord, fields: Mapping[str, str]) -> str:
    """Return these fields sealed for this record, which has its number; nothing for nothing."""
    if not fields:
        return ""
    text = _as_text(fields)
    key = vault.data_key(SubjectRecord.KEY_PURPOSE, register=record.register, subject=record.pk)
    return vault.seal_text(text, key=key, place=vault.Place.of(record, "personal"))


@sensitive_variables("given")
def sealed_all(given: Mapping[SubjectRecord, Mapping[str, str]], *, register: Register) -> dict[SubjectRecord, str]:
    """Return the fields of many new records sealed, each for its record."""
    records = {record.pk: record for record in given}
    texts = {record.pk: _as_text(fields) for record, fields in given.items()}
    found = vault.seal_texts(
        texts,
        purpose=SubjectRecord.KEY_PURPOSE,
        register=register,
        place=lambda number: vault.Place.of(records[number], "personal"),
    )
    return {records[number]: text for number, text in found.items()}


def _as_text(fields: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(fields.items())), ensure_ascii=False, separators=(",", ":"))


@sensitive_variables()
def opened(record: SubjectRecord) -> dict[str, str]:
    """Return what names the person of this record; once its key is destroyed, nothing does any more."""
    if not record.personal:
        return {}
    try:
        text = vault.open_text(record.personal, place=vault.Place.of(record, "personal"))
    except vault.KeyDestroyed:
        return {}
    fields: dict[str, str] = json.loads(text)
    return fields
