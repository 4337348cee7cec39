"""A backup file is read to its end and believed only if every member is what the manifest says."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from foundation.backup import archive
from foundation.backup.errors import BackupRefused

DUMP = b"the database"


def manifest(**changes):
    members = {archive.DUMP: {"size": len(DUMP), "sha256": hashlib.sha256(DUMP).hexdigest()}}
    text = archive.Manifest(
        "2027-01-31T12:00:00+00:00", 180006, 18, ["foundation.0001_initial"], {}, embedded=True
    ).text()
    return json.loads(text) | {"members": members} | changes


def member(name, content=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


@pytest.fixture
def packed(tmp_path):
    def pack(*members, said=None):
        path = tmp_path / "backup.tar"
        said = manifest() if said is None else said
        with tarfile.open(path, "w") as tar:
            for info, content in (
                member(archive.DUMP, DUMP),
                *members,
                member(archive.MANIFEST, json.dumps(said).encode()),
            ):
                tar.addfile(info, io.BytesIO(content))
        return path

    return pack


def test_what_was_written_is_found_again(tmp_path):
    (tmp_path / "database").write_bytes(DUMP)
    (tmp_path / "print").write_bytes(b"%PDF-")
    path = tmp_path / "backup.tar"
    with path.open("wb") as file:
        writer = archive.Writer(file)
        writer.add(archive.DUMP, tmp_path / "database")
        writer.add("files/imprimés/" + "é" * 120 + ".pdf", tmp_path / "print")
        writer.close(archive.Manifest("2027-01-31", 180006, 18, ["foundation.0001_initial"], {}, embedded=True))
    found = archive.check(path)
    assert found.members.keys() == {archive.DUMP, "files/imprimés/" + "é" * 120 + ".pdf"}
    archive.extract(path, found, {archive.DUMP: tmp_path / "out" / "dump", archive.FILES: tmp_path / "out" / "files"})
    assert (tmp_path / "out" / "dump").read_bytes() == DUMP
    assert [path.read_bytes() for path in (tmp_path / "out" / "files" / "imprimés").iterdir()] == [b"%PDF-"]


def test_two_names_of_one_file_are_two_members(tmp_path):
    (tmp_path / "one").write_bytes(DUMP)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    path = tmp_path / "backup.tar"
    with path.open("wb") as file:
        writer = archive.Writer(file)
        for name in (archive.DUMP, "files/one", "files/two"):
            writer.add(name, tmp_path / ("two" if name.endswith("two") else "one"))
        writer.close(archive.Manifest("2027-01-31", 180006, 18, ["foundation.0001_initial"], {}, embedded=True))
    assert len({*archive.check(path).members.values()}) == 1


def test_a_member_that_went_away_after_the_check_is_noticed(packed, tmp_path):
    said = manifest(
        members=manifest()["members"] | {"files/a": {"size": 1, "sha256": hashlib.sha256(b"a").hexdigest()}}
    )
    found = archive.check(packed(member("files/a", b"a"), said=said))
    with pytest.raises(BackupRefused, match="“files/a” is missing"):
        archive.extract(packed(said=said), found, {archive.DUMP: tmp_path / "dump", archive.FILES: tmp_path / "files"})


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(member("/etc/cron.d/loot", b"x"), id="an absolute path"),
        pytest.param(member("files/../../loot", b"x"), id="a way up"),
        pytest.param(member("keys/a/b", b"x"), id="a folder below the keys"),
        pytest.param(member("secret-key/loot", b"x"), id="a file as a folder"),
        pytest.param(member("files/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"), id="a symbolic link"),
        pytest.param(member("files/link", type=tarfile.LNKTYPE, linkname="database.dump"), id="a hard link"),
        pytest.param(member("files/pipe", type=tarfile.FIFOTYPE), id="a pipe"),
        pytest.param(member("files/disk", type=tarfile.BLKTYPE), id="a device"),
        pytest.param(member("files", type=tarfile.DIRTYPE), id="a folder"),
        pytest.param(member(archive.DUMP, DUMP), id="a second database"),
        pytest.param(
            member("files/hole", pax_headers={"GNU.sparse.map": "0,0", "GNU.sparse.size": str(2**50)}),
            id="a sparse file",
        ),
    ],
)
def test_a_hostile_member_is_refused(packed, hostile):
    with pytest.raises(BackupRefused, match="not a plain file in a plain place"):
        archive.check(packed(hostile))


def test_a_header_that_asks_for_much_memory_is_refused(packed):
    with pytest.raises(BackupRefused, match="a header is too large"):
        archive.check(packed(member("files/" + "x" * 2_000_000, b"x")))


def test_a_compressed_file_is_refused(tmp_path):
    path = tmp_path / "bomb.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(*[f(member("files/zeros", bytes(10_000))) for f in (lambda m: m[0], lambda m: io.BytesIO(m[1]))])
    with pytest.raises(BackupRefused, match="no tar file"):
        archive.check(path)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (manifest(format=2), "a newer release"),
        (manifest(members={}), "is not in its manifest"),
        (manifest(members=manifest()["members"] | {"files/a": {"size": 1, "sha256": ""}}), "is missing"),
        (manifest(members={archive.DUMP: {"size": len(DUMP), "sha256": "0" * 64}}), "is damaged"),
        ({"format": 1}, "not one of Greffier's"),
        ([], "not one of Greffier's"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(packed, said, why):
    with pytest.raises(BackupRefused, match=why):
        archive.check(packed(said=said))


def test_a_file_cut_short_anywhere_is_refused(packed):
    whole = packed().read_bytes()
    path = Path(packed())
    for length in range(0, 4 * 512, 256):  # the end of the manifest, and beyond it, are padding
        path.write_bytes(whole[:length])
        with pytest.raises(BackupRefused):
            archive.check(path)


def test_any_changed_byte_of_a_member_is_noticed(packed):
    path = packed()
    whole = bytearray(path.read_bytes())
    whole[512] ^= 1
    path.write_bytes(whole)
    with pytest.raises(BackupRefused, match="damaged"):
        archive.check(path)
