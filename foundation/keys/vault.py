"""The one door to sealed values: secrets of connectors, of accounts, and what a request holds about a person.

    key = vault.data_key("connector", register=register, subject=connector.pk)
    connector.password = vault.seal_text(password, key=key, place=vault.Place.of(connector, "password"))
    vault.open_secret(connector.password, place=vault.Place.of(connector, "password")).reveal()

A value is sealed for the place where it stands, so its row must have its number first. What has no row of its own
(a text that a library stores for us) is sealed for row 0 under the purpose "account".
"""

from collections.abc import Callable, Mapping, Sequence

from django.views.decorators.debug import sensitive_variables

from foundation.accounts.models import Register
from foundation.keys import sealing, wrapping
from foundation.keys.errors import KeyDestroyed, MasterKeyMissing, SealBroken, WrappedKeyBroken
from foundation.keys.models import Key
from foundation.keys.sealing import DoesNotOpen, Place
from foundation.keys.secret import Secret

__all__ = [
    "Key",
    "KeyDestroyed",
    "MasterKeyMissing",
    "Place",
    "SealBroken",
    "Secret",
    "WrappedKeyBroken",
    "data_key",
    "open_bytes",
    "open_secret",
    "open_text",
    "seal_bytes",
    "seal_text",
    "seal_texts",
]

ALL_HELD = "SELECT * FROM foundation_key WHERE id = ANY(%s) FOR KEY SHARE"
HELD = "SELECT * FROM foundation_key WHERE id = %s FOR KEY SHARE"  # nobody destroys it before our transaction ends

ANY_TEXT = "surrogatepass"  # an error of encoding would repeat the text


def data_key(purpose: str, *, register: Register | None = None, subject: int | None = None) -> Key:
    """Return the key to seal under for this purpose, register and subject; made now if there is none.

    Processes that ask at once get the same key. It stands once the caller's transaction is committed.
    """
    serving = Key.objects.serving(purpose, register, subject)
    key = serving.first()
    while key is None:
        Key.objects.bulk_create([wrapping.new_row(purpose, register, subject, version=1)], ignore_conflicts=True)
        key = serving.first()
    return key


@sensitive_variables("plain")
def seal_bytes(plain: bytes, *, key: Key, place: Place) -> bytes:
    """Return the value sealed under this key for this place; within a transaction the key stays until its end."""
    held = next(iter(Key.objects.raw(HELD, [key.pk])), None)
    if held is None:
        raise KeyDestroyed(key.pk)
    return wrapping.unwrap(held).seal(plain, place)


@sensitive_variables("texts")
def seal_texts(
    texts: Mapping[int, str], *, purpose: str, register: Register | None, place: Callable[[int], Place]
) -> dict[int, str]:
    """Return many texts sealed, by their subject, each under the subject's own key: in few queries."""
    known = _keys_of(purpose, register, list(texts))
    lacking = [subject for subject in texts if subject not in known]
    if lacking:
        Key.objects.bulk_create(wrapping.new_rows(purpose, register, lacking), ignore_conflicts=True)
        known |= _keys_of(purpose, register, lacking)
    held = {key.pk for key in Key.objects.raw(ALL_HELD, [[known[subject].pk for subject in texts]])}
    for subject in texts:
        if known[subject].pk not in held:
            raise KeyDestroyed(known[subject].pk)
    return {
        subject: sealing.as_text(wrapping.unwrap(known[subject]).seal(text.encode(errors=ANY_TEXT), place(subject)))
        for subject, text in texts.items()
    }


def _keys_of(purpose: str, register: Register | None, subjects: Sequence[int]) -> dict[int, Key]:
    """Return the newest key of each of these subjects that has one."""
    rows = Key.objects.filter(purpose=purpose, register=register, subject_id__in=subjects).order_by("version")
    return {key.subject_id: key for key in rows if key.subject_id is not None}


@sensitive_variables("text")
def seal_text(text: str, *, key: Key, place: Place) -> str:
    """Return the text sealed under this key for this place, as text for a text column."""
    return sealing.as_text(seal_bytes(text.encode(errors=ANY_TEXT), key=key, place=place))


def open_bytes(sealed: bytes, *, place: Place) -> bytes:
    """Return what was sealed for this place."""
    sealed = bytes(sealed)  # PostgreSQL's driver may give a memoryview
    key_id = _key_id(sealed, place)
    key = Key.objects.filter(pk=key_id).first()  # each time: a key destroyed by any process opens nothing from then on
    if key is None:
        raise KeyDestroyed(key_id)
    try:
        return wrapping.unwrap(key).open(sealed, place)
    except DoesNotOpen:
        raise SealBroken(place) from None


def open_text(sealed: str, *, place: Place) -> str:
    """Return the text that was sealed for this place."""
    return open_bytes(_bytes(sealed, place), place=place).decode(errors=ANY_TEXT)


def open_secret(sealed: str, *, place: Place) -> Secret:
    """Return the text that was sealed for this place, in a wrapper that does not show it by accident."""
    return Secret(open_text(sealed, place=place))


def _key_id(sealed: bytes, place: Place) -> int:
    try:
        return sealing.key_id_of(sealed)
    except DoesNotOpen:
        raise SealBroken(place) from None


def _bytes(sealed: str, place: Place) -> bytes:
    try:
        return sealing.from_text(sealed)
    except DoesNotOpen:
        raise SealBroken(place) from None
