"""The ledger as lines that the verifier reads: of the whole installation, or of one register with proofs."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TextIO

from django.db import connection

from foundation.accounts.models import Register
from foundation.database.snapshot import one_snapshot
from foundation.evidence import verifier
from foundation.evidence.agreement import add_facts, rows_to_be_proved
from foundation.evidence.models import Checkpoint, Event, Leaf
from foundation.evidence.record import leaf_of

FORM = 1
ROWS_AT_ONCE = 2000
# a time as `verifier.moment` writes it, written by PostgreSQL: reading it first would take a third of the whole check
MOMENT = """to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
LEDGER = """
    SELECT l.position, l.checkpoint_id, l.hash, coalesce(e.id, l.event_id), e.id IS NOT NULL, e.register_id, e.verb,
           e.subject_type, e.subject_id, e.actor_id, e.details, {moment}, e.salt, e.leaf_hash
    FROM foundation_leaf l {join} JOIN foundation_event e ON e.id = l.event_id
    WHERE {condition} ORDER BY l.position NULLS LAST, e.id
"""


def write(file: TextIO, *, register: Register | None) -> int:
    """Write the export, one JSON object per line, and return the number of lines.

    With a register: its events with their proofs and every checkpoint, nothing of any other register. Without: all.
    """
    count = 0
    for line in lines(register):
        file.write(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n")
        count += 1
    return count


def lines(register: Register | None = None) -> Iterator[verifier.Line]:
    """Yield the lines of an export as they stood at one moment; the last one tells how many came before it."""
    count = 0
    for line in _content(register):
        yield line
        count += 1
    yield {"type": "end", "lines": count}


def _content(register: Register | None) -> Iterator[verifier.Line]:
    with one_snapshot():
        scope = {"scope": "register", "register": register.slug} if register else {"scope": "all"}
        yield {"type": "header", "form": FORM, **scope}
        for checkpoint in Checkpoint.objects.order_by("number").iterator(chunk_size=ROWS_AT_ONCE):
            yield checkpoint.line
        trees = Trees()
        for batch in _batches(_rows(register)):
            found = [_line(row) for row in batch]
            add_facts(found)
            for line in found:
                yield trees.prove(line) if register else line
        if register is None:
            yield from rows_to_be_proved()


def receipt(event: Event) -> verifier.Line | None:
    """Return the receipt of an event: what it says, its proof, its checkpoint; None while it is not sealed."""
    leaf = Leaf.objects.select_related("checkpoint").filter(event=event).first()
    if leaf is None:
        return None
    line = {
        "id": event.pk,
        "position": leaf.position,
        "checkpoint": leaf.checkpoint_id,
        "leaf": leaf_of(event),
        "leaf_hash": event.leaf_hash,
    }
    return {"type": "receipt", "form": FORM, "event": Trees().prove(line), "checkpoint": leaf.checkpoint.line}


class Trees:
    """Adds inclusion proofs to lines; keeps the tree of one checkpoint, since lines come in order."""

    def __init__(self) -> None:
        self._number, self._first = 0, 0
        self._tree: list[list[bytes]] = []

    def prove(self, line: verifier.Line) -> verifier.Line:
        """Return the line with its proof; unchanged when it is not sealed."""
        if line["position"] is None:
            return line
        if line["checkpoint"] != self._number:
            leaves = Leaf.objects.filter(checkpoint=line["checkpoint"]).order_by("position")
            found = list(leaves.values_list("position", "hash"))
            self._number, self._first = line["checkpoint"], found[0][0]
            self._tree = verifier.levels([leaf_hash for _position, leaf_hash in found])
        beside = verifier.path(self._tree, line["position"] - self._first)
        return {name: value for name, value in line.items() if name != "hash"} | {"path": beside}


def _rows(register: Register | None) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the ledger: sealed ones by position, then those that wait; a leaf without its event too."""
    if register is None:
        statement, values = LEDGER.format(moment=MOMENT, join="FULL", condition="true"), []
    else:
        statement, values = LEDGER.format(moment=MOMENT, join="RIGHT", condition="e.register_id = %s"), [register.pk]
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    found = iter(rows)
    while batch := list(islice(found, ROWS_AT_ONCE)):
        yield batch


def _line(row: tuple[Any, ...]) -> verifier.Line:
    position, checkpoint, leaf_hash, event_id, stands, *columns = row
    place = {"type": "event", "id": event_id, "position": position, "checkpoint": checkpoint, "hash": leaf_hash}
    if not stands:
        return {**place, "leaf": None, "leaf_hash": None}
    register, verb, subject_type, subject_id, actor, details, occurred_at, salt, own_hash = columns
    leaf = {
        "register": register,
        "verb": verb,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "actor": actor,
        "details": json.loads(details) if isinstance(details, str) else details,
        "occurred_at": occurred_at,
    }
    return {**place, "leaf": {**leaf, "salt": salt} if salt else leaf, "leaf_hash": own_hash}
