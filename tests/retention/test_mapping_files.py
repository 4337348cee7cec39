"""A mapping file is read strictly: every fault with its line, its place and its remedy."""

import pytest
from django.utils import translation

from foundation.strict_yaml import BrokenForm
from retention.mapping import ChildFate, Law, Step, TableName, Treatment
from retention.mapping_files import read_mapping

HEAD = "greffier_mapping: 1\nregister: acme\nsource: Customers\n"
TARGET = HEAD + "targets:\n  - name: a\n    rule: r\n    table: shop.customers\n    key: [id]\n    step: erase\n"

FAULTS = {
    "not a mapping at all": ("- a\n", 1, "greffier_mapping: 1"),
    "another version": (HEAD.replace(": 1", ": 2"), 1, "greffier_mapping: 1"),
    "a text where a version should be": (HEAD.replace(": 1", ": one"), 1, "greffier_mapping: 1"),
    "not YAML": (HEAD + "targets: [\n", 5, "not YAML"),
    "a name that is a number": (HEAD.replace("Customers", "12"), 3, "quotes"),
    "an unknown field": (HEAD + "tagets: []\n", 4, "did you mean “targets”"),
    "a missing field": (TARGET.replace("    rule: r\n", ""), 5, "“rule” is missing"),
    "an empty field": (TARGET.replace("rule: r", "rule:"), 6, "Nothing stands here"),
    "an unknown step": (TARGET.replace("erase", "delete"), 9, "return_then_destroy"),
    "an unknown event": (TARGET + "    events: {contract_ends: c}\n", 10, "did you mean “contract_end”"),
    "a key that is no list": (TARGET.replace("[id]", "id"), 8, "such as [id]"),
    "a list that is none": (TARGET + "    children: x\n", 10, "after a dash"),
    "a law that is a word": (TARGET + "    law: invoice\n", 10, "name: value"),
    "a treatment that YAML reads as nothing": (
        TARGET + "    columns:\n      - {name: c, treatment: null}\n",
        11,
        "treatment",
    ),
    "an unknown identity": (
        TARGET + "    columns:\n      - {name: c, treatment: keep, identity: mail}\n",
        11,
        "email",
    ),
    "a column twice": (
        TARGET + "    columns:\n      - {name: c, treatment: keep}\n      - {name: c, treatment: keep}\n",
        12,
        "twice",
    ),
    "a target twice": (TARGET + TARGET.removeprefix(HEAD + "targets:\n"), 10, "twice"),
    "a decision that answers another question": (
        HEAD + "decisions:\n  - {rule: r, kind: fate, choice: latest, reason: x}\n",
        5,
        "anonymise",
    ),
    "a precedence over nothing": (
        HEAD + "decisions:\n  - {rule: r, kind: precedence, choice: prevails, reason: x}\n",
        5,
        "“over” is missing",
    ),
    "days that are a word": (HEAD + "backup_days: many\n", 4, "whole number"),
    "days that are truth": (HEAD + "backup_days: true\n", 4, "whole number"),
}


@pytest.mark.parametrize(("text", "line", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_with_its_line_and_its_remedy(text, line, words):
    with translation.override("en"), pytest.raises(BrokenForm) as caught:
        read_mapping(text, "acme.yaml")
    with translation.override("en"):
        found = [(fault.line, str(fault)) for fault in caught.value.faults]
    assert any(at == line and words in said for at, said in found), found
    assert str(caught.value).startswith("acme.yaml: ")


def test_every_field_arrives():
    file = read_mapping(
        TARGET
        + """    state: {column: state, values: [former, gone]}
    events: {contract_end: ended_on}
    law: {domain: invoice, dated_by: issued_on}
    archive: kept.customers
    access: {column: access, value: limited}
    returned: returned_on
    zone: Europe/Brussels
    columns:
      - {name: born_on, treatment: year_only}
      - {name: name, treatment: constant, constant: "—", identity: name, law: {domain: invoice}}
    children:
      - {table: papers, foreign_key: [customer_id], fate: treat, law: {domain: tax_document, dated_by: on}}
not_executable:
  - {rule: principle, reason: A criterion.}
without_rule:
  - {statement: S4-84, reason: There may be others.}
decisions:
  - {rule: r, kind: precedence, choice: prevails, over: other, reason: So decided.}
backup_days: 14
"""
    )
    mapping = file.targets[0].mapping
    assert mapping.table == TableName("customers", "shop")
    assert (mapping.step, mapping.key, mapping.events) == (Step.ERASE, ("id",), {"contract_end": "ended_on"})
    assert (mapping.state_column, mapping.state_values) == ("state", ("former", "gone"))
    assert (mapping.law, mapping.archive) == (Law("invoice", "issued_on"), TableName("customers", "kept"))
    assert (mapping.access_column, mapping.access_value, mapping.returned_column, mapping.zone) == (
        "access",
        "limited",
        "returned_on",
        "Europe/Brussels",
    )
    assert [column.treatment for column in mapping.columns] == [Treatment.YEAR_ONLY, Treatment.CONSTANT]
    assert (mapping.columns[1].constant, mapping.columns[1].identity) == ("—", "name")
    assert mapping.columns[1].law == Law("invoice")
    child = mapping.children[0]
    assert (child.table, child.foreign_key, child.fate) == (TableName("papers"), ("customer_id",), ChildFate.TREAT)
    assert child.law == Law("tax_document", "on")
    assert (file.register, file.source, file.backup_days) == ("acme", "Customers", 14)
    assert (file.not_executable[0].ref, file.without_rule[0].ref) == ("principle", "S4-84")
    assert (file.decisions[0].over, file.decisions[0].reason) == ("other", "So decided.")
