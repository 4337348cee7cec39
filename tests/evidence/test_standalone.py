"""The verifier alone: one file, no Django, for an auditor who has an export, a receipt and a key."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from foundation.evidence import commitments, export, verifier
from foundation.evidence.sealing import seal_all
from foundation.models import Checkpoint, Event
from tests.evidence.conftest import checked, exported, newest_note, note_act, now

FILE = Path(verifier.__file__)
WITHOUT_DJANGO = """
import runpy, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"django", "foundation", "config", "psycopg"}:
            raise ImportError(f"{name} is not here")
sys.meta_path.insert(0, Blocked())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def alone(*arguments: object) -> tuple[int, str]:
    """Run a copy of the file as an auditor does: outside the project, isolated, with Django blocked."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", WITHOUT_DJANGO, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd="/",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_auditor_checks_an_export_a_receipt_and_an_older_checkpoint_without_django(sealed, elsewhere, tmp_path):
    copied = tmp_path / "verifier.py"
    copied.write_bytes(FILE.read_bytes())
    call_command("export_evidence", str(tmp_path / "all.jsonl"))
    call_command("export_evidence", str(tmp_path / "acme.jsonl"), register="acme")
    event = Event.objects.filter(register=sealed).earliest("pk")
    (tmp_path / "receipt.json").write_text(json.dumps(export.receipt(event)))
    (tmp_path / "kept.txt").write_text(newest_note())
    key = Checkpoint.objects.latest("number").key

    code, told = alone(
        copied, tmp_path / "acme.jsonl", "--receipt", tmp_path / "receipt.json", "--against", tmp_path / "kept.txt",
        "--key", key,
    )  # fmt: skip
    assert (code, told.count("\n")) == (0, 1)
    assert "Register acme: 2 checkpoints, 8 events, 1 of them not sealed yet" in told
    assert verifier.key_id(key) in told

    (tmp_path / "kept.txt").write_text(newest_note().replace("number 2", "number 9"))
    text = (tmp_path / "all.jsonl").read_text().replace('"n":2', '"n":3')
    (tmp_path / "all.jsonl").write_text(text)
    code, told = alone(copied, tmp_path / "all.jsonl", "--against", tmp_path / "kept.txt")
    assert code == 1
    assert f"event {event.pk + 2} (foundation_event)" in told
    assert "kept.txt, checkpoint 9" in told
    assert told.endswith("2 faults.\n")


@pytest.mark.parametrize("text", ["", "nonsense\n", "[]\n", '{"type":"event"}\n', '{"type":"header"}\n', "\x00"])
def test_a_file_that_is_no_export_is_a_fault_not_a_traceback(text, tmp_path, capsys):
    path = tmp_path / "export.jsonl"
    path.write_text(text)
    assert verifier.main([str(path), "--receipt", str(path), "--against", str(path)]) == 1
    assert verifier.main([str(tmp_path / "absent"), "--key", "00"]) == 1
    assert verifier.main([]) == 1
    assert "Traceback" not in capsys.readouterr().out


def test_a_receipt_holds_for_its_own_event_only(sealed):
    first, second = Event.objects.order_by("pk")[:2]
    given = export.receipt(first)
    other = export.receipt(second)

    def told(receipt, *, keys=()):
        check = verifier.Verification(keys=keys)
        check.receipt(receipt, "receipt")
        return check.faults

    assert "anybody can sign" in told(given)[0]
    assert told(given, keys=[given["checkpoint"]["key"]]) == []
    assert "none of those" in told(given, keys=["00" * 32])[0]
    for changed in (
        {**given, "event": {**given["event"], "leaf": other["event"]["leaf"]}},
        {**given, "event": {**given["event"], "path": other["event"]["path"]}},
        {**given, "event": {**given["event"], "position": 2}},
        {**given, "event": {**given["event"], "position": 99}},
        {**given, "checkpoint": {**given["checkpoint"], "count": 5}},
    ):
        assert told(changed, keys=[given["checkpoint"]["key"]])


def test_what_waits_has_no_receipt(sealed):
    assert export.receipt(Event.objects.latest("pk")) is None


def test_an_export_of_one_register_tells_nothing_of_another(sealed, elsewhere):
    secret = note_act(elsewhere, n=4711)
    seal_all(now())
    text = json.dumps(exported(sealed))
    for word in ("elsewhere", "4711", f'"register": {elsewhere.pk}', secret.salt, f'"id": {secret.pk},'):
        assert word not in text
    assert checked(exported(sealed)) == []
    assert checked(exported(elsewhere)) == []
    events = [line for line in exported(elsewhere) if line["type"] == "event"]
    assert [line["leaf"]["details"]["n"] for line in events] == [4711]
    # what stands beside its way to the root is salted: knowing all but the salt does not find the hash
    leaf = {name: value for name, value in events[0]["leaf"].items() if name != "salt"}
    assert verifier.leaf_hash(leaf) != secret.leaf_hash
    assert len(secret.salt) == 32


def test_exports_overwrite_nothing_and_name_an_unknown_register(sealed, tmp_path):
    (tmp_path / "all.jsonl").write_text("kept")
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_evidence", str(tmp_path / "all.jsonl"))
    with pytest.raises(CommandError, match="no register called"):
        call_command("export_evidence", str(tmp_path / "b.jsonl"), register="nowhere")


# -- the pure rules ---------------------------------------------------------------------------------------------------


def hash_of(n: int) -> str:
    return hashlib.sha256(b"\x00" + bytes([n])).hexdigest()


def rfc_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


@pytest.mark.parametrize("count", [*range(1, 34), 100])
def test_roots_and_proofs_are_those_of_rfc_6962(count):
    leaves = [hash_of(n) for n in range(count)]
    root = rfc_root([bytes.fromhex(leaf) for leaf in leaves]).hex()
    tree = verifier.levels(leaves)
    assert verifier.root(leaves) == root
    for index, leaf in enumerate(leaves):
        proof = verifier.path(tree, index)
        assert verifier.root_by_path(leaf, index, count, proof) == root
        assert verifier.root_by_path(leaf, index, count, [*proof, leaf]) is None
        if proof:
            assert verifier.root_by_path(leaf, index, count, proof[:-1]) is None


def test_the_published_vectors_of_rfc_6962():
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [hashlib.sha256(b"\x00" + bytes.fromhex(one)).hexdigest() for one in data]
    assert verifier.root(leaves[:1]) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert verifier.root(leaves[:2]) == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert verifier.root(leaves) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_a_commitment_opens_with_its_salt_only():
    salt = commitments.new_salt()
    given = commitments.commit("jeanne@canari.example", salt=salt)
    assert given == hashlib.sha256(salt + b"jeanne@canari.example").hexdigest()
    assert commitments.opens(given, "jeanne@canari.example", salt=salt)
    assert not commitments.opens(given, "paul@canari.example", salt=salt)
    assert not commitments.opens(given, "jeanne@canari.example", salt=commitments.new_salt())
    with pytest.raises(ValueError, match="32 bytes"):
        commitments.commit("x", salt=b"short")
