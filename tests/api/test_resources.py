"""What the resources tell: pages, the bytes as they are kept, documents asked for."""

import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Print
from foundation.models import Job
from tests.api.conftest import API, CONTENT, JSON, add_edition
from tests.conftest import printed


def test_the_canonical_json_is_handed_out_as_it_was_hashed(ours, service):
    response = service().get(f"{API}/editions/{ours['edition'].pk}/canonical/")
    assert hashlib.sha256(response.content).hexdigest() == ours["edition"].hash
    assert response.headers["Content-Type"] == JSON


def test_a_document_is_handed_out_as_it_was_printed(ours, service):
    response = service().get(f"{API}/documents/{ours['document'].pk}/file/", headers={"Accept": "application/pdf"})
    assert response.content == CONTENT
    assert response.headers["Content-Type"] == "application/pdf"
    assert "acme-privacy-notice-1-fr.pdf" in response.headers["Content-Disposition"]


def test_a_document_is_asked_for_once_and_found_when_it_is_printed(ours, service):
    body = {"edition": ours["edition"].pk, "kind": "controller_register", "language": "en"}
    client = service()
    first, second = (client.post(f"{API}/documents/ask/", body, content_type=JSON) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["state"] == "asked"
    assert client.get(first.headers["Location"]).json() == second.json()
    Job.objects.filter(print=first.json()["id"]).update(state="done")
    Print.objects.filter(pk=first.json()["id"]).update(file="x", sha256="x")
    third = client.post(f"{API}/documents/ask/", body, content_type=JSON)
    assert (third.status_code, third.json()["id"]) == (200, first.json()["id"])


def test_a_list_comes_in_pages_that_join_without_gap(acme, service):
    for _ in range(7):
        add_edition(acme)
    client = service()
    numbers, address = [], f"{API}/editions/?limit=3&register=acme"
    while address:
        page = client.get(address).json()
        numbers += [edition["number"] for edition in page["results"]]
        assert page["count"] == 7
        address = page["next"]
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    assert client.get(page["previous"]).json()["results"][0]["number"] == 4
    assert client.get(f"{API}/editions/?offset=100").json()["results"] == []


def test_lists_are_filtered_by_what_they_tell(ours, acme, service):
    add_edition(acme)
    printed(ours["edition"], content=b"1", language="en")
    printed(ours["edition"], content=b"2", language="en", kind="controller_register")
    client = service()

    def count(query: str) -> int:
        return client.get(f"{API}/{query}").json()["count"]

    assert count("editions/?number=2") == 1
    assert count("documents/?language=en") == 2
    assert count("documents/?language=en&kind=privacy_notice") == 1
    assert (count("documents/?state=failed"), count("documents/?state=done")) == (0, 3)
    assert count(f"documents/?edition={ours['edition'].pk}") == 3
    assert count("evidence/?verb=edition_published") == 2


@pytest.mark.parametrize("address", ["registers", "editions", "documents", "evidence"])
def test_a_list_costs_as_much_with_many_rows_as_with_few(address, ours, acme, service):
    client = service()
    client.get(f"{API}/{address}/")
    costs = []
    for more in (0, 30):
        for n in range(more):
            printed(add_edition(acme), content=b"%d" % n)
        with CaptureQueriesContext(connection) as said:
            assert client.get(f"{API}/{address}/").json()["count"] >= more or address == "registers"
        costs.append(len(said))
    assert costs[0] == costs[1] <= 4


def test_no_list_reads_the_canonical_text(ours, service):
    for address in ("editions", "documents", f"documents/{ours['document'].pk}", f"editions/{ours['edition'].pk}"):
        with CaptureQueriesContext(connection) as said:
            assert service().get(f"{API}/{address}/").status_code == 200
        assert not any('"canonical"' in query["sql"] for query in said)
