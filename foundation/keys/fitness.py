"""Whether the master keys at hand open the data keys of the database."""

from collections.abc import Iterator

from django.db.models import Count, Max

from foundation.keys import wrapping
from foundation.keys.errors import WrappedKeyBroken
from foundation.keys.models import Key

NONE_GIVEN = "greffier.K001"
NOT_FITTING = "greffier.K002"


def problems() -> Iterator[tuple[str, str]]:
    """Yield (id, sentence) of whatever keeps this process from opening what is sealed; none is the good answer."""
    keys = wrapping.master_keys()
    if not keys:
        yield NONE_GIVEN, f"No master key is given. {keys.remedy}"
    for master_key, count, newest in _wrapped_by():
        if keys and keys.named(master_key) is None:
            yield (
                NOT_FITTING,
                f"The database holds {count} data key(s) that only the master key {master_key} opens, and it is not"
                f" here; here: {', '.join(keys.ids)}. {keys.remedy} Without it what was sealed under them is lost:"
                " see `manage.py keys status` and docs/keys.md.",
            )
        elif keys:
            yield from _unwraps(newest)


def _wrapped_by() -> list[tuple[str, int, int]]:
    found = Key.objects.order_by("master_key").values_list("master_key")
    return list(found.annotate(count=Count("pk"), newest=Max("pk")))


def _unwraps(number: int) -> Iterator[tuple[str, str]]:
    key = Key.objects.filter(pk=number).first()
    if key is None:
        return  # destroyed meanwhile
    try:
        wrapping.unwrap(key)
    except WrappedKeyBroken as refusal:
        yield NOT_FITTING, str(refusal)
