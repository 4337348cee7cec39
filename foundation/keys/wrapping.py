"""Data keys and their rows: made and wrapped, unwrapped, wrapped anew."""

import os
from collections.abc import Sequence

from django.conf import settings
from django.db import connection

from foundation.accounts.models import Register
from foundation.keys.errors import MasterKeyMissing, WrappedKeyBroken
from foundation.keys.framing import framed
from foundation.keys.masters import KEY_BYTES, DoesNotUnwrap, MasterKey, MasterKeys
from foundation.keys.models import Key
from foundation.keys.sealing import DataKey


def master_keys() -> MasterKeys:
    """Return the master keys that this process was given."""
    keys: MasterKeys = settings.MASTER_KEYS
    return keys


def newest_master_key() -> MasterKey:
    """Return the master key that wraps from now on."""
    keys = master_keys()
    if keys.newest is None:
        raise MasterKeyMissing("", keys.remedy)
    return keys.newest


def new_row(purpose: str, register: Register | None, subject: int | None, version: int) -> Key:
    """Return a row, not written yet, that holds a new data key; its number is drawn first, to be bound to it."""
    master = newest_master_key()
    key = Key(purpose=purpose, register=register, subject_id=subject, version=version, master_key=master.id)
    key.pk = _next_number()
    key.wrapped = master.wrap(os.urandom(KEY_BYTES), _context(key))
    return key


def new_rows(purpose: str, register: Register | None, subjects: Sequence[int]) -> list[Key]:
    """Return rows, not written yet, that hold a new data key for each of these subjects."""
    master = newest_master_key()
    rows = [
        Key(pk=number, purpose=purpose, register=register, subject_id=subject, version=1, master_key=master.id)
        for number, subject in zip(_next_numbers(len(subjects)), subjects, strict=True)
    ]
    for key in rows:
        key.wrapped = master.wrap(os.urandom(KEY_BYTES), _context(key))
    return rows


def unwrap(key: Key) -> DataKey:
    """Return the data key of a row, in use."""
    return DataKey(key.pk, _unwrapped(key))


def wrap_anew(key: Key, master: MasterKey) -> None:
    """Put the row's data key under another master key; the row is not written here."""
    data_key = _unwrapped(key)
    key.master_key = master.id
    key.wrapped = master.wrap(data_key, _context(key))


def _unwrapped(key: Key) -> bytes:
    master = master_keys().named(key.master_key)
    if master is None:
        raise MasterKeyMissing(key.master_key, master_keys().remedy)
    try:
        return master.unwrap(bytes(key.wrapped), _context(key))
    except DoesNotUnwrap:
        raise WrappedKeyBroken(key.pk) from None


def _context(key: Key) -> bytes:
    """Return what a wrapped key is bound to: in any other row it does not unwrap."""
    return framed(
        "greffier data key", key.master_key, key.pk, key.purpose, key.register_id, key.subject_id, key.version
    )


def _next_number() -> int:
    return _next_numbers(1)[0]


def _next_numbers(count: int) -> list[int]:
    statement = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [Key._meta.db_table, count])
        return [int(number) for (number,) in cursor.fetchall()]
