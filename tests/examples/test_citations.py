"""No statement dump: every statement is cited by its field, or carries the reason why it is not."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import SLUGS, example
from tests.examples.cells import cited

CELLS = yaml.safe_load((Path(__file__).parent / "cited_cells.yaml").read_text(encoding="utf-8"))
FORMS = {slug: example(slug).form for slug in SLUGS}


def statements(form):
    return [row for policy in form["policies"] for version in policy["versions"] for row in version["statements"]]


def all_cited(value):
    if isinstance(value, dict):
        for ids in value.get("cites", {}).values():
            yield from ids
        for inner in value.values():
            yield from all_cited(inner)
    elif isinstance(value, list):
        for item in value:
            yield from all_cited(item)


def test_the_table_holds_the_326_statements_of_the_cells():
    assert len({id_ for cells in CELLS.values() for cell in cells for id_ in cell["ids"]}) == 326


@pytest.mark.parametrize("slug", SLUGS)
def test_each_cell_is_cited_by_its_field(slug):
    missing = {
        (cell["entry"], cell["field"]): lost
        for cell in CELLS[slug]
        if (lost := set(cell["ids"]) - cited(FORMS[slug], cell["entry"], cell["field"]))
    }
    assert missing == {}


def test_a_citation_in_another_field_does_not_count():
    form = {
        "activities": [
            {"ref": "A1", "cites": {"name": ["X-1"]}, "purposes": [{"ref": "p", "cites": {"entry": ["X-2"]}}]}
        ]
    }
    assert cited(form, "A1", "purposes") == {"X-2"}
    assert cited(form, "A1", "name") == {"X-1"}
    assert cited(form, "A1", "recipients") == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_statement_is_cited_or_says_why_not(slug):
    used = set(all_cited(FORMS[slug]))
    assert {row["ref"] for row in statements(FORMS[slug]) if row["ref"] not in used and "reason" not in row} == set()
    assert {row["ref"] for row in statements(FORMS[slug]) if row["ref"] in used and "reason" in row} == set()


def test_702_statements_are_held():
    assert sum(len(statements(form)) for form in FORMS.values()) == 702


@pytest.mark.parametrize("slug", SLUGS)
def test_every_statement_has_its_place_its_digest_and_its_summary(slug):
    for row in statements(FORMS[slug]):
        assert row["line"] > 0
        assert row["characters"]
        assert len(row["quote_digest"]) == 64
        assert row["summary"].endswith(".")
