"""The rules of the sealed ledger, and a program that checks them: one file, for the product and for an auditor alone.

`python verifier.py EXPORT [--against CHECKPOINTS] [--receipt RECEIPT] [--key PUBLIC_KEY]` reads what `manage.py
export_evidence` wrote. It needs Python 3.11 and the package `cryptography`, nothing else; docs/evidence.md says more.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TITLE = "greffier evidence checkpoint v1"
NAMES = ("number", "first", "last", "count", "root", "previous", "key", "next_key", "sealed_at")  # in the order signed
NONE = "-"
NOTE = re.compile(
    rf"^{TITLE}\n" + "".join(rf"{name} (?P<{name}>[^\s]+)\n" for name in NAMES) + r"\nsignature (?P<signature>\S+)\n",
    re.MULTILINE,
)
HASH = re.compile(r"[0-9a-f]{64}")  # bytes.fromhex takes capitals and spaces too: what is sealed is one spelling
SIGNATURE = re.compile(r"[0-9a-f]{128}")
CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
DIGITS = re.compile(r"[1-9][0-9]{0,17}")
SLUG = re.compile(r"[-a-zA-Z0-9_]+")
LONGEST_LINE = 1_000_000  # characters; an honest one has some thousands
NOT_READABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
COLUMNS = "register, verb, subject_type, subject_id, actor_id, details, occurred_at or salt"

Line = dict[str, Any]


# -- leaves ---------------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value: sorted keys, no white space, UTF-8."""
    return CANONICAL.encode(value).encode()


def leaf_hash(leaf: Line) -> str:
    """Return the RFC 6962 hash (hex) of a leaf: SHA-256 of 0x00 and its canonical JSON."""
    return hashlib.sha256(b"\x00" + canonical(leaf)).hexdigest()


def moment(value: datetime) -> str:
    """Return a time as leaves and checkpoints write it: UTC, to the microsecond."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


# -- the tree of one checkpoint (RFC 6962, 2.1) -----------------------------------------------------------------------


def levels(hashes: Sequence[str]) -> list[list[bytes]]:
    """Return the levels of the tree over these leaf hashes, leaves first, root last; a lone node moves up as it is."""
    found = [[bytes.fromhex(one) for one in hashes]]
    while len(found[-1]) > 1:
        row = found[-1]
        above = [hashlib.sha256(b"\x01" + row[n] + row[n + 1]).digest() for n in range(0, len(row) - 1, 2)]
        found.append(above + row[len(row) & ~1 :])
    return found


def root(hashes: Sequence[str]) -> str:
    """Return the root (hex) of the tree over these leaf hashes."""
    return levels(hashes)[-1][0].hex()


def path(tree: list[list[bytes]], index: int) -> list[str]:
    """Return the inclusion proof of a leaf: the hashes beside its way to the root, lowest first."""
    beside = []
    for row in tree[:-1]:
        if index ^ 1 < len(row):
            beside.append(row[index ^ 1].hex())
        index //= 2
    return beside


def root_by_path(leaf: str, index: int, count: int, beside: Sequence[str]) -> str | None:
    """Return the root that a leaf and its inclusion proof lead to, or None for a proof of another shape."""
    if not all(HASH.fullmatch(one) for one in (leaf, *beside)):
        return None
    node, rest = bytes.fromhex(leaf), list(beside)
    while count > 1:
        if index ^ 1 < count:
            if not rest:
                return None
            other = bytes.fromhex(rest.pop(0))
            node = hashlib.sha256(b"\x01" + (other + node if index & 1 else node + other)).digest()
        index, count = index // 2, (count + 1) // 2
    return None if rest or index else node.hex()


# -- checkpoints ------------------------------------------------------------------------------------------------------


def signed_text(checkpoint: Line) -> str:
    """Return the text of a checkpoint that its signature covers: a title, then one `name value` per line."""
    return TITLE + "\n" + "".join(f"{name} {checkpoint[name] or NONE}\n" for name in NAMES)


def note(checkpoint: Line) -> str:
    """Return a checkpoint as it is mailed and kept: the signed text, an empty line, the signature."""
    return f"{signed_text(checkpoint)}\nsignature {checkpoint['signature']}\n"


def digest(checkpoint: Line) -> str:
    """Return what the next checkpoint calls `previous`: the SHA-256 of the note."""
    return hashlib.sha256(note(checkpoint).encode()).hexdigest()


def key_id(public_key: str) -> str:
    """Return the short name of a public key."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def is_signed(checkpoint: Line) -> bool:
    """Whether the signature is that of the key that the checkpoint names, every byte as it was written."""
    key, signature = str(checkpoint["key"]), str(checkpoint["signature"])
    if not (HASH.fullmatch(key) and SIGNATURE.fullmatch(signature)):
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), signed_text(checkpoint).encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def notes(text: str) -> list[Line]:
    """Return every checkpoint that stands in a text: a kept note, a mail, or several after each other."""
    plain = "\n".join(line.strip().removeprefix("> ").rstrip() for line in text.splitlines()) + "\n"
    found: list[Line] = []
    for match in NOTE.finditer(plain.replace("\n>\n", "\n\n")):
        values: Line = {name: "" if value == NONE else value for name, value in match.groupdict().items()}
        if all(DIGITS.fullmatch(values[name]) for name in NAMES[:4]):
            found.append({**values, **{name: int(values[name]) for name in NAMES[:4]}})
    return found


# -- the check --------------------------------------------------------------------------------------------------------


class Verification:
    """Takes the lines of an export in their order and gathers every fault: a sentence naming the row and a remedy."""

    def __init__(self, *, keys: Iterable[str] = ()) -> None:
        self.faults: list[str] = []
        self.events = self.unsealed = self.sealed = 0
        self.scope = "No export"
        self.checkpoints: dict[int, Line] = {}
        self.signers: set[str] = set()
        self._keys = {key.lower() for key in keys}
        self._is_whole = True
        self._lines = 0
        self._has_end = False
        self._newest: Line | None = None
        self._compared: set[int] = (
            set()
        )  # the checkpoints whose root is that of the leaves that came, or was told not to be
        self._next_position = 1
        self._open: int | None = None  # the checkpoint whose leaves are coming
        self._sealed_hashes: list[str] = []
        self._content_hashes: list[str] = []
        self._proved: set[tuple[str, str, int]] = set()
        self._must_be_proved: dict[tuple[str, str, int], str] = {}
        self._takers: dict[str, Callable[[Line], None]] = {
            "header": self._take_header,
            "checkpoint": self._take_checkpoint,
            "event": self._take_event,
            "row": self._take_row,
            "end": self._take_end,
        }

    def take(self, line: Line, place: str = "") -> None:
        """Check one line; a line that cannot be read is a fault as well."""
        self._lines += 1
        try:
            if (line["type"] == "header") != (self._lines == 1) or self._has_end:
                raise ValueError("one header first, one end last")
            self._takers[line["type"]](line)
        except NOT_READABLE as error:
            self._fault(f"{place or 'a line'}: not what an export holds ({type(error).__name__}): export it again")

    def finish(self) -> list[str]:
        """Check what only the end can show, and return all faults."""
        self._close()
        if not self._has_end:
            self._fault("the last line, which tells how many there are, is missing: the file was cut; export it again")
        if self._is_whole:
            last = self._newest["last"] if self._newest else 0
            if self._next_position <= last:
                self._gap(self._next_position, last)
            for number in self.checkpoints:
                if number not in self._compared:
                    self._fault(f"checkpoint {number} (foundation_checkpoint): none of its leaves came; restore them")
            for subject, table in self._must_be_proved.items():
                if subject not in self._proved:
                    self._fault(
                        f"{table} {subject[2]}: no event {subject[0]} speaks of this row: it was written past the "
                        "application, or its event was removed"
                    )
        return self.faults

    def against(self, older: Iterable[Line], name: str) -> None:
        """Compare with checkpoints that somebody kept: each must stand here, byte for byte."""
        found, last = list(older), self._newest["number"] if self._newest else 0
        if not found:
            self._fault(f"{name}: no checkpoint stands in this file: keep checkpoints as they were sent")
        for kept in found:
            number, here = kept["number"], self.checkpoints.get(kept["number"])
            if not is_signed(kept):
                self._fault(f"{name}, checkpoint {number}: the signature is not that of its text: take another copy")
            elif here is None:
                self._fault(
                    f"checkpoint {number} of {name} is not here (the last one is {last}): "
                    "the end was cut off, or an older backup was restored; look for what came after it"
                )
            elif note(here) != note(kept):
                self._fault(
                    f"checkpoint {number}: it is another one than in {name}: the past was written anew, "
                    "or a restored backup went on by itself; find the backup that holds the kept one"
                )

    def receipt(self, receipt: Line, name: str) -> None:
        """Check a receipt: one event, its proof, its checkpoint; the latter against those of the export, if any."""
        checkpoint, event = receipt["checkpoint"], receipt["event"]
        if not is_signed(checkpoint):
            self._fault(f"{name}, checkpoint {checkpoint['number']}, signature: not that of its text")
        self.signers.add(str(checkpoint["key"]))
        if self.checkpoints:
            self.against([checkpoint], name)
        elif not self._keys:
            self._fault(
                f"{name}: anybody can sign a receipt; name the key that you trust (--key), or an export as well"
            )
        elif checkpoint["key"] not in self._keys:
            self._fault(f"{name}: signed with the key {key_id(checkpoint['key'])}, which is none of those you gave")
        self._check_included(event, checkpoint)
        self.events += 1

    # -- lines --------------------------------------------------------------------------------------------------------

    def _fault(self, sentence: str) -> None:
        self.faults.append(sentence)

    def _take_header(self, line: Line) -> None:
        if (line["form"], line["scope"]) not in {(1, "all"), (1, "register")}:
            raise ValueError("another form")
        self._is_whole = line["scope"] == "all"
        if not self._is_whole and not SLUG.fullmatch(line["register"]):
            raise ValueError("no register")
        self.scope = "All registers" if self._is_whole else f"Register {line['register']}"

    def _take_end(self, line: Line) -> None:
        self._has_end = True
        if line["lines"] != self._lines - 1:
            self._fault(
                f"{self._lines - 1} lines came before the last one, which tells {line['lines']}: export it again"
            )

    def _take_checkpoint(self, line: Line) -> None:
        number, before = _whole_number(line["number"]), self._newest
        if _whole_number(line["count"]) != _whole_number(line["last"]) - _whole_number(line["first"]) + 1:
            self._fault(f"checkpoint {number} (foundation_checkpoint), columns first, last, count: not what they count")
        name = f"checkpoint {number} (foundation_checkpoint)"
        if not is_signed(line):
            self._fault(f"{name}, one of its columns: the signature is not that of its text; restore the row")
        if number != (before["number"] if before else 0) + 1:
            self._fault(f"checkpoints before {number} are missing: restore them from a backup")
        elif line["previous"] != (digest(before) if before else ""):
            self._fault(
                f"{name}, column previous: not the hash of the checkpoint before it; one of the two was changed"
            )
        if line["first"] != (before["last"] if before else 0) + 1:
            self._fault(f"{name}, columns first, last: they do not go on where the checkpoint before it ended")
        self._check_key(line, before, name)
        self.signers.add(line["key"])
        self.checkpoints[number] = self._newest = line

    def _check_key(self, line: Line, before: Line | None, name: str) -> None:
        announced = (before["next_key"] or before["key"]) if before else ""
        known = line["key"] in self._keys and line["key"] not in self.signers  # one that was given up signs no more
        if before is None and self._keys and not known:
            self._fault(f"{name}, column key: {key_id(line['key'])} is none of the keys you gave")
        elif before is not None and line["key"] != announced and not known:
            self._fault(
                f"{name}, column key: {key_id(line['key'])} was not announced by the checkpoint before it; if the "
                "old key was lost and you were told so, give the new one with --key"
            )

    def _take_event(self, line: Line) -> None:
        self.events += 1
        if line["position"] is None:
            self._close()
            self.unsealed += 1
            self._content(line, line["leaf_hash"])
        elif self._is_whole:
            self._take_leaf(line, _whole_number(line["position"]))
        else:
            self.sealed += 1
            self._check_included(line, self._checkpoint_of(line))
        if line["leaf"] is not None:
            self._check_facts(line)

    def _take_row(self, line: Line) -> None:
        self._must_be_proved[line["verb"], line["subject_type"], line["row"]] = line["table"]

    # -- leaves -------------------------------------------------------------------------------------------------------

    def _content(self, line: Line, sealed: str) -> str:
        """Check an event against its own hash and the sealed one; return the hash of what it says now."""
        name = f"event {line['id']} (foundation_event)"
        if line["leaf"] is None:
            self._fault(
                f"{name}: the row is gone, or leaf {line['position']} (foundation_leaf, column event_id) was changed; "
                "restore them from a backup"
            )
            return ""
        now: str = leaf_hash(line["leaf"])
        if now != line["leaf_hash"] and now == sealed:
            self._fault(f"{name}, column leaf_hash: not the hash of the row, which is as it was sealed; restore it")
        elif now != line["leaf_hash"]:
            self._fault(f"{name}, column {COLUMNS}: not what was recorded; restore the row from a backup")
        elif now != sealed:
            self._fault(
                f"event {line['id']} and leaf {line['position']} (foundation_event, foundation_leaf; columns hash, "
                "event_id): they do not belong together; one was changed after the sealing; restore both from a backup"
            )
        return now

    def _checkpoint_of(self, line: Line) -> Line | None:
        """Return the checkpoint that a sealed event names; None for one that is not here, or is no number at all."""
        number = line["checkpoint"]
        return self.checkpoints.get(number) if type(number) is int else None

    def _take_leaf(self, line: Line, position: int) -> None:
        self.sealed += 1
        checkpoint = self._checkpoint_of(line)
        number = checkpoint["number"] if checkpoint else 0
        if number != self._open:
            self._close()
            self._open = number
            if checkpoint is None:
                named = line["checkpoint"]
                self._fault(f"leaf {position} (foundation_leaf), column checkpoint_id: there is no checkpoint {named}")
        if position != self._next_position:
            self._gap(self._next_position, position - 1)
        self._next_position = position + 1
        if checkpoint and not checkpoint["first"] <= position <= checkpoint["last"]:
            self._fault(
                f"leaf {position} (foundation_leaf), columns position, checkpoint_id: checkpoint {number} holds "
                f"{checkpoint['first']} to {checkpoint['last']}"
            )
        self._sealed_hashes.append(line["hash"])
        self._content_hashes.append(self._content(line, line["hash"]))

    def _gap(self, first: int, last: int) -> None:
        self._fault(f"leaves {first} to {last} (foundation_leaf): missing, or out of order; restore them from a backup")

    def _close(self) -> None:
        """Compare the root of the leaves that came with that of their checkpoint."""
        checkpoint = self.checkpoints.get(self._open or 0)
        sealed, content = self._sealed_hashes, self._content_hashes
        self._open, self._sealed_hashes, self._content_hashes = None, [], []
        if checkpoint is None or not sealed:
            return
        self._compared.add(checkpoint["number"])
        if _root_or_none(sealed) == checkpoint["root"]:
            return
        if _root_or_none(content) == checkpoint["root"]:
            self._fault(
                f"checkpoint {checkpoint['number']}: its events are as sealed, its leaves (foundation_leaf) not"
            )
        else:
            self._fault(
                f"checkpoint {checkpoint['number']} (foundation_checkpoint, column root): not the root of leaves "
                f"{checkpoint['first']} to {checkpoint['last']}; restore the rows named beside it from a backup"
            )

    def _check_included(self, line: Line, checkpoint: Line | None) -> None:
        name = f"event {line['id']}"
        position, named = _whole_number(line["position"]), line["checkpoint"]
        if checkpoint is None or (
            named != checkpoint["number"] or not checkpoint["first"] <= position <= checkpoint["last"]
        ):
            self._fault(f"{name}: checkpoint {named} does not hold its position {position}")
            return
        self._content(line, line["leaf_hash"])
        index = position - checkpoint["first"]
        if root_by_path(line["leaf_hash"], index, checkpoint["count"], line["path"]) != checkpoint["root"]:
            self._fault(f"{name}: its proof does not lead to the root of checkpoint {checkpoint['number']}")

    def _check_facts(self, line: Line) -> None:
        """Compare what the event says with what stands in the tables now."""
        leaf = line["leaf"]
        self._proved.add((leaf["verb"], leaf["subject_type"], leaf["subject_id"]))
        for table, column, detail, value in line.get("facts", ()):
            recorded = leaf["register"] if detail == "register" else leaf["details"].get(detail)
            if value is None:
                self._fault(f"{table} {leaf['subject_id']}: the row of event {line['id']} is gone; restore it")
            elif recorded != value:
                self._fault(
                    f"{table} {leaf['subject_id']}, column {column}: {value}, but event {line['id']} recorded "
                    f"{recorded}; one of the two was changed"
                )


def _whole_number(value: Any) -> int:
    """Return a number as the tables hold it; raise on anything that only looks like one."""
    if type(value) is not int or not 0 < value < 2**63:
        raise ValueError("no number of a row")
    return value


def _root_or_none(hashes: Sequence[str]) -> str | None:
    try:
        return root(hashes)
    except ValueError:
        return None  # one of them is no hash


# -- the program ------------------------------------------------------------------------------------------------------


def read(file: TextIO) -> Iterator[tuple[str, Line]]:
    """Yield the lines of an export, each with its place; what comes after a line that is too long is not read."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        yield f"line {number}", _line(line)
        if len(line) > LONGEST_LINE:
            return


def _line(text: str) -> Line:
    try:
        found: Line = json.loads(text) if len(text) <= LONGEST_LINE else {}
    except (ValueError, RecursionError):
        return {}
    return found


def printable(text: str) -> str:
    """Return a text in one line of ASCII: what a hostile file says cannot pass for what this program says."""
    return text.encode("unicode_escape").decode("ascii")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a file; return 0 when it holds, 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description="Check an export, a receipt or both of Greffier's evidence.")
    parser.add_argument("export", type=Path, nargs="?", help="what manage.py export_evidence wrote")
    parser.add_argument("--against", type=Path, action="append", default=[], help="checkpoints kept from earlier days")
    parser.add_argument("--receipt", type=Path, action="append", default=[], help="a receipt of one event")
    parser.add_argument("--key", action="append", default=[], help="a public key (hex) that you were given")
    given = parser.parse_args(arguments)
    check = Verification(keys=given.key)
    try:
        _check(check, given)
    except (OSError, UnicodeDecodeError) as error:
        check.faults.append(f"{error}: name a file that can be read")
    for fault in check.faults:
        sys.stdout.write(printable(fault) + "\n")
    keys = sorted(key_id(key) for key in check.signers if HASH.fullmatch(key))
    sys.stdout.write(
        f"{check.scope}: {len(check.checkpoints)} checkpoints, {check.events} events, "
        f"{check.unsealed} of them not sealed yet; "
        f"keys: {', '.join(keys) or 'none'}. {len(check.faults)} faults.\n"
    )
    return 1 if check.faults else 0


def _check(check: Verification, given: argparse.Namespace) -> None:
    if given.export:
        with given.export.open(encoding="utf-8") as file:
            for place, line in read(file):
                check.take(line, place)
        check.finish()
    for file in given.against:
        check.against(notes(file.read_text(encoding="utf-8")), str(file))
    for file in given.receipt:
        try:
            receipt = json.loads(file.read_text(encoding="utf-8"))
            check.receipt(receipt, str(file))
        except NOT_READABLE as error:
            check.faults.append(f"{file}: not a receipt ({type(error).__name__}): download it again")
    if not given.export and not given.receipt:
        check.faults.append("Nothing to check: name an export or a receipt.")


if __name__ == "__main__":
    sys.exit(main())
