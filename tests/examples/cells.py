"""Which statements the field of an entry rests on: the field, its lines, and what hangs on the entry elsewhere."""

from collections.abc import Iterator
from typing import Any

Form = dict[str, Any]
RESTS_ON = ("organisation", "provider", "principal", "recipient", "applied_by", "emitter", "provided_by", "responsible")


def cited(form: Form, entry: str, field: str) -> set[str]:
    """Return the ids cited by `field` of the entry that bears the reference `entry`.

    The field may be one of its own, a list of its lines, or a section whose rows name the entry (measures, transfers…)
    or name no activity at all, and so hold for the whole register. “entry” means all that the form says of the entry.
    """
    row = next((row for row in _rows(form) if row.get("ref") == entry), None)
    if row is None:
        return set()
    found = set(row.get("cites", {}).get(field, []))
    if field == "entry":
        found |= _all_ids(row)
        for other in _rows(form):
            if any(other.get(name) == entry for name in RESTS_ON):
                found |= _all_ids(other)
    found |= _all_ids(row.get(field))
    for other in form.get(field, []):
        named = other.get("activities")
        if named is None or entry in named:
            found |= _all_ids(other)
    return found | _beside(form, row, field)


def _beside(form: Form, row: Form, field: str) -> set[str]:
    """Return what the form says of a field in a section of its own."""
    match field:
        case "retention_rules":
            return _all_ids(form.get("retention_exceptions"))
        case "rights":
            return _all_ids(form.get("rights_channels")) | _all_ids(form.get("request_procedures"))
        case "legal_bases":
            claims = cited(form, row["ref"], "legal_basis_claims") | cited(form, row["ref"], "consents")
            return claims | _all_ids(row.get("purposes"))
        case "subject_groups":
            states = {state for group in row.get("subject_groups", []) for state in group.get("states", [])}
            return _all_ids([state for state in form.get("states", []) if state["ref"] in states])
        case _:
            return set()


def _rows(value: Any) -> Iterator[Form]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _rows(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _rows(item)


def _all_ids(value: Any) -> set[str]:
    return {
        id_ for row in _rows(value) for ids in row.get("cites", {}).values() for id_ in ids if isinstance(ids, list)
    }
