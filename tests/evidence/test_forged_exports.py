"""Exports and receipts that somebody made up: whoever writes the file chooses every byte of it."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foundation.evidence import verifier

KEY, OTHER_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
HEADER = {"type": "header", "form": 1, "scope": "all"}
OF_ACME = {**HEADER, "scope": "register", "register": "acme"}
SUMMARY = "1 checkpoints, 5 events, 0 of them not sealed yet"


def public(key):
    return key.public_key().public_bytes_raw().hex()


def leaf(n, **others):
    return {
        "register": 1, "verb": "document_downloaded", "subject_type": "documents.print", "subject_id": n, "actor": 1,
        "details": {"n": n, **others}, "occurred_at": "2026-01-01T00:00:00.000000+00:00", "salt": "00" * 16,
    }  # fmt: skip


def checkpoint(leaves, *, before=None, key=KEY, next_key=""):
    first = before["last"] + 1 if before else 1
    line = {
        "type": "checkpoint", "number": before["number"] + 1 if before else 1, "first": first,
        "last": first + len(leaves) - 1, "count": len(leaves),
        "root": verifier.root(list(map(verifier.leaf_hash, leaves))),
        "previous": verifier.digest(before) if before else "", "key": public(key), "next_key": next_key,
        "sealed_at": "2026-01-01T00:00:00.000000+00:00", "signature": "",
    }  # fmt: skip
    return {**line, "signature": key.sign(verifier.signed_text(line).encode()).hex()}


def event(position, said, number):
    found = verifier.leaf_hash(said)
    return {
        "type": "event", "id": position, "position": position, "checkpoint": number, "hash": found,
        "leaf": said, "leaf_hash": found,
    }  # fmt: skip


def ended(*lines):
    return [*lines, {"type": "end", "lines": len(lines)}]


LEAVES = [leaf(n) for n in range(1, 6)]
SEAL = checkpoint(LEAVES)
EVENTS = [event(position, said, 1) for position, said in enumerate(LEAVES, 1)]
HONEST = ended(HEADER, SEAL, *EVENTS)


@pytest.fixture
def told(tmp_path, capsysbinary):
    """Write the lines to a file, run the program on it, and return its exit code and what it printed."""

    def run(lines, *arguments):
        path = tmp_path / "export.jsonl"
        path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
        code = verifier.main([str(path), *arguments])
        return code, capsysbinary.readouterr().out.decode("ascii")

    return run


def test_an_honest_export_holds(told):
    code, text = told(HONEST, "--key", public(KEY))
    assert (code, text.count("\n")) == (0, 1)
    assert SUMMARY in text


@pytest.mark.parametrize("number", [None, True, 0, 2, "1", 1.0, [1], {}])
def test_events_that_point_past_their_checkpoint_are_faults(told, number):
    altered = [event(position, leaf(position, forged=1), number) for position in range(1, 6)]
    for events in (altered, [{**line, "checkpoint": number} for line in EVENTS]):
        code, text = told(ended(HEADER, SEAL, *events), "--key", public(KEY))
        assert code == 1
        assert "checkpoint 1" in text  # whose root nobody compared
    code, text = told(ended(OF_ACME, SEAL, *({**line, "path": []} for line in altered)), "--key", public(KEY))
    assert (code, text.count("\n")) == (1, 6)


def test_a_checkpoint_whose_leaves_never_came_is_a_fault(told):
    for events in ([], EVENTS[:4], [{**line, "position": None, "checkpoint": None} for line in EVENTS]):
        code, text = told(ended(HEADER, SEAL, *events))
        assert code == 1
        assert "checkpoint 1" in text


@pytest.mark.parametrize(
    "lines",
    [
        [HEADER],
        HONEST[:-1],
        [*HONEST[:-2], HONEST[-1]],
        [*HONEST, HONEST[-1]],
        ended(SEAL, *EVENTS),
        ended(SEAL, HEADER, *EVENTS),
        ended(HEADER, HEADER, SEAL, *EVENTS),
        ended(HEADER, SEAL, OF_ACME),
        ended(HEADER, SEAL, *EVENTS, OF_ACME),
        ended({**OF_ACME, "register": "acme: 9 events\n"}, SEAL),
        ended({**HEADER, "scope": "register"}, SEAL),
    ],
)
def test_an_export_has_one_header_first_and_tells_its_length_last(told, lines):
    assert told(lines)[0] == 1


def test_the_summary_tells_what_was_checked(told):
    assert told(HONEST)[1].startswith("All registers: 1 checkpoints")
    code, text = told(ended(OF_ACME, SEAL))
    assert (code, text.partition(",")[0]) == (0, "Register acme: 1 checkpoints")


def test_a_retired_key_signs_no_more_also_when_both_are_trusted(told):
    first = checkpoint(LEAVES, next_key=public(OTHER_KEY))
    lines = [*EVENTS, event(6, leaf(6), 2)]
    trusted = ("--key", public(KEY), "--key", public(OTHER_KEY))
    assert told(ended(HEADER, first, checkpoint([leaf(6)], before=first, key=OTHER_KEY), *lines), *trusted)[0] == 0
    code, text = told(ended(HEADER, first, checkpoint([leaf(6)], before=first), *lines), *trusted)
    assert code == 1
    assert "checkpoint 2 (foundation_checkpoint), column key" in text


def test_a_receipt_alone_wants_the_key_and_tells_which_one_it_bears(tmp_path, capsys):
    proof = verifier.path(verifier.levels([verifier.leaf_hash(said) for said in LEAVES]), 0)
    path = tmp_path / "receipt.json"
    given = {"type": "receipt", "form": 1, "event": {**EVENTS[0], "path": proof}, "checkpoint": SEAL}

    def run(receipt, *arguments):
        path.write_text(json.dumps(receipt))
        return verifier.main(["--receipt", str(path), *arguments]), capsys.readouterr().out

    code, text = run(given)
    assert code == 1
    assert "--key" in text
    code, text = run(given, "--key", public(KEY))
    assert code == 0
    assert verifier.key_id(public(KEY)) in text
    assert run(given, "--key", public(OTHER_KEY))[0] == 1
    assert run({**given, "event": {**given["event"], "checkpoint": 2}}, "--key", public(KEY))[0] == 1


HOSTILE = [
    "[" * 100_000,
    '{"type":' * 100_000,
    '{"type":"checkpoint","number":Infinity}',
    '{"type":"checkpoint","number":1e400}',
    json.dumps({**SEAL, "last": "5"}),
    json.dumps({**SEAL, "count": 10**4000}),
    json.dumps({**SEAL, "next_key": "\ud800"}),
    json.dumps({**EVENTS[0], "id": "\ud800", "leaf": None}),
    json.dumps({**EVENTS[0], "id": "\x1b[2J\n" + SUMMARY + "; keys: none. 0 faults.\n", "leaf": None}),
    json.dumps({**EVENTS[0], "leaf": {"details": "\u202e\x85\u2028"}}),
    '{"type":"event","id":1,"position":1,"checkpoint":1,"hash":"x","leaf_hash":"x","leaf":'
    + "[" * 900
    + "]" * 900
    + "}",
    json.dumps({**EVENTS[0], "checkpoint": [1]}),
    '{"type":"' + "x" * 2_000_000 + '"}',
]


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_lines_are_faults_in_plain_ascii_never_a_traceback(told, line, tmp_path):
    for lines in ([HEADER, line], [HEADER, SEAL, line, *EVENTS]):
        code, text = told(lines)
        assert code == 1
        assert all(" " <= letter <= "~" or letter == "\n" for letter in text)
        assert sum(" checkpoints, " in row and row.endswith(" faults.") for row in text.splitlines()) == 1
    receipt = tmp_path / "receipt.json"
    receipt.write_text(line)
    assert told(HONEST, "--receipt", str(receipt))[0] == 1
