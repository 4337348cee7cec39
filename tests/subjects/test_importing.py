"""Files of records: read, looked at, taken over as a whole or not at all; twice the same changes nothing."""

import io
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from foundation.history import Change
from foundation.keys.errors import KeyDestroyed
from foundation.models import Event, Key
from subjects import personal
from subjects.errors import FileRefused
from subjects.importing import taking
from subjects.importing.plan import plan
from subjects.importing.reading import rows_of
from subjects.importing.taking import ImportOver, carry_out, forget_unconfirmed, look_at, take_over
from subjects.models import RecordImport, SubjectRecord
from tests.conftest import signed_in
from tests.subjects.conftest import NOW, TODAY, happens, record

SOUND = """key;activity;state;state_since;data_collection;last_inbound_contact;email
c-1;A1;occasionnel;01/02/2026;2024-02-29;31/03/2025;jeanne@people.example
c-2;A1;;;2024-03-01;;
"""


def xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def reasons(world, text):
    return [(fault.row, fault.reason) for fault in plan(world.register, text.encode(), today=TODAY).faults]


def test_a_file_is_taken_over_with_states_events_and_names(world):
    found = carry_out(world.register, SOUND.encode(), by=None, at=NOW)
    assert (len(found.added), len(found.changed)) == (2, 0)
    first = SubjectRecord.objects.with_facts().get(key="c-1")
    assert first.state == world.occasional
    assert [change.on for change in first.state_changes.all()] == [date(2026, 2, 1)]
    assert [(event.kind, event.direction, event.on) for event in first.events.all()] == [
        ("data_collection", "", date(2024, 2, 29)),
        ("contact", "inbound", date(2025, 3, 31)),
    ]
    assert personal.opened(first) == {"email": "jeanne@people.example"}


def test_the_same_file_twice_changes_nothing(world):
    carry_out(world.register, SOUND.encode(), by=None, at=NOW)
    before = Change.objects.count()
    found = carry_out(world.register, SOUND.encode(), by=None, at=NOW)
    assert (len(found.added), len(found.changed), len(found.unchanged)) == (0, 0, 2)
    assert Change.objects.count() == before


def test_a_sheet_says_what_a_text_says(world):
    head, first, second = (line.split(";") for line in SOUND.split())
    dated = [*first[:3], date(2026, 2, 1), date(2024, 2, 29), date(2025, 3, 31), first[6]]
    sheet = plan(world.register, xlsx(head, dated, second), today=TODAY)
    text = plan(world.register, SOUND.encode(), today=TODAY)
    assert not sheet.faults
    assert sheet == text


def test_columns_may_be_named_as_the_pages_name_them(world):
    french = "Key,processing activity,Payment\nc-1,A1,2024-01-01\n"
    assert not plan(world.register, french.encode(), today=TODAY).faults


@pytest.mark.parametrize(
    ("line", "word"),
    [
        pytest.param("jeanne@people.example;A1;;;;;", "key", id="an address as key"),
        pytest.param("=1+1;A1;;;;;", "key", id="a formula as key"),
        pytest.param("c-9;A9;;;;;", "activity", id="no such activity"),
        pytest.param("c-9;A1;ami;;;;", "state", id="no such state"),
        pytest.param("c-9;A1;;;31/02/2024;;", "date", id="no such day"),
        pytest.param("c-9;A1;;;2026-11-22;;", "not come", id="a day to come"),
        pytest.param("c-9;A1;;;03/04/24;;", "date", id="a year of two digits"),
        pytest.param("c-9;A1;;;;;;too many", "more cells", id="a cell without column"),
        pytest.param(f"c-9;A1;;;;;{'x' * 301}", "too long", id="a long value"),
        pytest.param("c-1;A1;;;;;", "row 2", id="the same key again"),
    ],
)
def test_a_row_that_cannot_be_is_told_with_its_number_and_nothing_is_written(world, line, word):

    with translation.override("en"):
        found = reasons(world, SOUND + line + "\n")
    assert [row for row, _reason in found] == [4]
    assert word in found[0][1]
    assert "people.example" not in found[0][1]
    with pytest.raises(FileRefused):
        carry_out(world.register, (SOUND + line).encode(), by=None, at=NOW)
    assert not SubjectRecord.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"key;activity\xff", id="not UTF-8"),
        pytest.param(b'key;activity\n"c-1;A1\n', id="an open quotation mark"),
        pytest.param(b"key;activity\x00", id="a zero byte"),
        pytest.param(b"PK\x03\x04 no archive", id="no workbook"),
        pytest.param(b"x" * (5 * 1024 * 1024 + 1), id="too large"),
        pytest.param(b"key;activity\n" + b"c;A1\n" * 10_001, id="too many rows"),
        pytest.param(b";".join([b"key"] * 61), id="too many columns"),
    ],
)
def test_what_is_no_table_of_the_right_size_is_refused_in_words(content):
    with pytest.raises(FileRefused):
        rows_of(content)


def test_a_workbook_that_unpacks_to_far_more_than_it_weighs_is_refused(world):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (101 * 1024 * 1024))
    assert len(file.getvalue()) < 1024 * 1024
    with pytest.raises(FileRefused):
        rows_of(file.getvalue())


def test_a_workbook_that_repeats_one_long_text_in_each_cell_is_refused(world):
    book = openpyxl.Workbook()
    for _row in range(1000):
        book.active.append(["x" * 300] * 20)
    file = io.BytesIO()
    book.save(file)
    assert len(file.getvalue()) < 100 * 1024
    with pytest.raises(FileRefused, match="5"):
        rows_of(file.getvalue())


def test_a_missing_or_unknown_column_is_told(world):
    assert [row for row, _ in reasons(world, "activity;nom de jeune fille\nA1;x\n")] == [1, 1]


def test_a_record_that_is_known_gets_what_is_new_and_keeps_the_rest(world):
    row = record(world, "c-1", personal={"name": "Jeanne"})
    happens(row, "data_collection", date(2024, 2, 29))
    found = carry_out(world.register, SOUND.encode(), by=None, at=NOW)
    assert [one.given.key for one in found.changed] == ["c-1"]
    fresh = SubjectRecord.objects.with_facts().get(key="c-1")
    assert len(fresh.events.all()) == 2
    assert personal.opened(fresh) == {"name": "Jeanne", "email": "jeanne@people.example"}


# -- looked at, then confirmed ----------------------------------------------------------------------------------------


def test_a_file_waits_sealed_and_is_gone_once_it_is_taken_over(world, dpo):
    waiting, found = look_at(world.register, SOUND.encode(), by=dpo, at=NOW)
    assert len(found.added) == 2
    assert not SubjectRecord.objects.exists()
    stored = RecordImport.objects.get()
    assert b"people.example" not in bytes(stored.content)
    done = take_over(waiting, by=dpo, at=NOW)
    assert (done.added, done.changed, bytes(done.content)) == (2, 0, b"")
    assert not Key.objects.filter(purpose=RecordImport.KEY_PURPOSE).exists()
    assert Event.objects.get(verb="records_imported").details["added"] == 2
    with pytest.raises(ImportOver):
        take_over(waiting, by=dpo, at=NOW)


def test_a_file_that_nobody_confirms_is_gone_after_a_day(world):
    waiting, _found = look_at(world.register, SOUND.encode(), by=None, at=NOW)
    before = RecordImport.objects.get()
    forget_unconfirmed(NOW + taking.KEPT)
    assert RecordImport.objects.get().content
    forget_unconfirmed(NOW + taking.KEPT + timedelta(seconds=1))
    assert not RecordImport.objects.get().content
    with pytest.raises(KeyDestroyed):
        taking.looked_at(before, at=NOW)
    with pytest.raises(ImportOver):
        take_over(waiting, by=None, at=NOW)


def upload(client, text):
    file = io.BytesIO(text.encode())
    file.name = "fiches.csv"
    return client.post(reverse("admin:subjects_subjectrecord_import"), {"file": file})


def test_staff_looks_at_a_file_and_takes_it_over(world, staff):
    client = signed_in(staff)
    looked = upload(client, SOUND)
    page = client.get(looked.headers["Location"])
    assert page.status_code == 200
    assert not SubjectRecord.objects.exists()
    client.post(looked.headers["Location"])
    assert SubjectRecord.objects.count() == 2
    assert client.post(looked.headers["Location"]).status_code == 409


def test_the_page_names_the_rows_that_cannot_be_taken_over(world, staff):
    page = upload(signed_in(staff), SOUND + "c-9;A9;;;;;\n").content.decode()
    assert "4" in page
    assert not RecordImport.objects.exclude(content=b"").exists()


def test_a_file_of_another_register_does_not_exist(world, staff, stranger, auditor):
    looked = upload(signed_in(staff), SOUND)
    assert signed_in(stranger).post(looked.headers["Location"]).status_code == 404
    assert signed_in(auditor).post(looked.headers["Location"]).status_code == 403
    assert upload(signed_in(auditor), SOUND).status_code == 403
    assert not SubjectRecord.objects.exists()


def test_the_command_shows_first_and_takes_over_then(world, tmp_path, capsys):
    file = tmp_path / "fiches.csv"
    file.write_text(SOUND)
    call_command("import_subject_records", str(file), "--register", "acme", "--dry-run")
    assert not SubjectRecord.objects.exists()
    call_command("import_subject_records", str(file), "--register", "acme")
    assert SubjectRecord.objects.count() == 2
    assert "2 records were added" in capsys.readouterr().out
    file.write_text(SOUND + "c-9;A9;;;;;\n")
    with pytest.raises(CommandError, match="4"):
        call_command("import_subject_records", str(file), "--register", "acme")
