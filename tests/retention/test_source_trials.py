"""What a trial of a connection says."""

import os
from dataclasses import replace

import pytest

from retention.mapping import ChildFate, ChildMapping, Step, TableMapping, TableName
from retention.sources.addresses import read_address
from retention.sources.tables import concerned
from retention.sources.trying import TOO_MUCH, Report, _rights_of_grant, try_out

FINE = Report(
    place="PostgreSQL, db.example:5432, crm",
    server="PostgreSQL 17.2",
    is_encrypted=True,
    is_certificate_checked=True,
    is_local=False,
    skew_seconds=0.2,
    is_read_only=False,
    too_much=(),
)


@pytest.mark.parametrize(
    ("change", "code", "sentences"),
    [
        ({}, "fine", 2),
        ({"skew_seconds": 59.0}, "fine", 2),
        ({"skew_seconds": -61.0}, "clock_is_off", 3),
        ({"is_read_only": True}, "read_only", 3),
        ({"is_encrypted": False, "is_certificate_checked": False}, "not_encrypted", 2),
        ({"is_encrypted": False, "is_certificate_checked": False, "is_local": True}, "fine", 2),
        ({"is_certificate_checked": False}, "fine", 2),
        ({"too_much": ("superuser", "owns")}, "too_many_rights", 3),
        ({"too_much": tuple(TOO_MUCH), "is_read_only": True, "skew_seconds": 100.0}, "read_only", 5),
    ],
)
def test_a_trial_says_what_needs_a_look(change, code, sentences):
    report = replace(FINE, **change)
    assert report.code == code
    assert len(report.sentences()) == len(set(report.sentences())) == sentences


@pytest.mark.parametrize(
    ("line", "rights"),
    [
        ("GRANT USAGE ON *.* TO `erp`@`%` IDENTIFIED BY PASSWORD '*ABC'", set()),
        ("GRANT ALL PRIVILEGES ON *.* TO `erp`@`%` WITH GRANT OPTION", {"everything", "hands_on"}),
        ("GRANT ALL PRIVILEGES ON `crm`.* TO `erp`@`%`", {"owns"}),
        ("GRANT SELECT, FILE, SUPER, CREATE USER ON *.* TO `erp`@`%`", {"reads_files", "superuser", "creates_roles"}),
        ("GRANT SELECT (`id`, `name`), DELETE, REFERENCES ON `crm`.`people` TO `erp`@`%`", set()),
        ("GRANT SELECT, DROP ON `crm`.* TO `erp`@`%`", {"owns"}),
        ("GRANT `auditors` TO `erp`@`%`", set()),
    ],
)
def test_the_rights_of_mysql_are_read(line, rights):
    assert _rights_of_grant(line) == rights


@pytest.mark.parametrize("closed", ["crm.sqlite", "."])
def test_a_file_that_cannot_be_written_is_said(tmp_path, places, monkeypatch, closed):
    (tmp_path / "crm.sqlite").touch()
    true = os.access  # root, as which the tests may run, can write everywhere
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / closed and true(path, mode))
    assert try_out(read_address("sqlite:///crm.sqlite"), places=places).code == "read_only"


def test_a_mapping_relies_on_its_tables():
    child = ChildMapping(TableName("orders"), ("person",), ChildFate.KEEP)
    mapping = TableMapping(
        TableName("people"), ("id",), {}, Step.ARCHIVE, (), children=(child,), archive=TableName("people", "old")
    )
    assert [str(table) for table in concerned(mapping)] == ["people", "orders", "old.people"]
