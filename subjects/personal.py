"""What names the person of a record: sealed as JSON under a key of the record's own."""

import json
from collections.abc import Mapping
from typing import Final

from django.views.decorators.debug import sensitive_variables

from foundation.keys import vault
from subjects.models import SubjectRecord

MOST_FIELDS: Final = 20
LONGEST_VALUE: Final = 300


@sensitive_variables("fields", "text")
def sealed(record: SubjectRecord, fields: Mapping[str, str]) -> str:
    """Return these fields sealed for this record, which has its number; nothing for nothing."""
    if not fields:
        return ""
    text = json.dumps(dict(sorted(fields.items())), ensure_ascii=False, separators=(",", ":"))
    key = vault.data_key(SubjectRecord.KEY_PURPOSE, register=record.register, subject=record.pk)
    return vault.seal_text(text, key=key, place=vault.Place.of(record, "personal"))


@sensitive_variables()
def opened(record: SubjectRecord) -> dict[str, str]:
    """Return what names the person of this record."""
    if not record.personal:
        return {}
    fields: dict[str, str] = json.loads(vault.open_text(record.personal, place=vault.Place.of(record, "personal")))
    return fields
