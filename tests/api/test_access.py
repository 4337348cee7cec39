"""Every operation is tried with every role, scope and register; an operation that is not in the table fails."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from config import api
from documents.models import Print
from foundation.models import Event
from foundation.permissions import SCOPES
from tests.api.conftest import API, JSON, problem_of, programme, token_of

NOBODY, CLERK, STRANGER = "nobody", "clerk", "stranger"
DPO, STAFF, AUDITOR, ADMINISTRATOR = "dpo", "staff", "auditor", "administrator"
PEOPLE = {CLERK, STRANGER, DPO, STAFF, AUDITOR, ADMINISTRATOR}
OURS = {f"ours {scope}" for scope in SCOPES}  # tokens of acme with one scope
THEIRS = {f"theirs {scope}" for scope in SCOPES}  # tokens of another register with one scope
EVERYONE = PEOPLE | OURS | THEIRS
READERS = {DPO, STAFF, AUDITOR}
RECORD_KEEPERS = {DPO, STAFF}


@dataclass(frozen=True)
class Row:
    """Who gets through to acme's row; what another register's callers get, who may do the same in theirs."""

    opens: set[str]
    elsewhere: set[str]
    elsewhere_gets: int
    ok: int = 200


def listed(roles: set[str], scope: str) -> Row:
    return Row(roles | {f"ours {scope}"}, {STRANGER, f"theirs {scope}"}, 200)


def one(roles: set[str], scope: str) -> Row:
    return Row(roles | {f"ours {scope}"}, {STRANGER, f"theirs {scope}"}, 404)


TABLE = {
    ("schema", "get"): Row(EVERYONE, set(), 0),
    ("register-list", "get"): Row(EVERYONE, set(), 0),
    ("register-detail", "get"): Row(READERS | {ADMINISTRATOR} | OURS, {CLERK, STRANGER} | THEIRS, 404),
    ("edition-list", "get"): listed(READERS, "editions:view"),
    ("edition-detail", "get"): one(READERS, "editions:view"),
    ("edition-canonical", "get"): one(READERS, "editions:view"),
    ("document-list", "get"): listed(READERS, "documents:view"),
    ("document-detail", "get"): one(READERS, "documents:view"),
    ("document-file", "get"): one(READERS, "documents:view"),
    ("document-ask", "post"): Row({DPO, "ours documents:add"}, {STRANGER, "theirs documents:add"}, 400, ok=202),
    ("subjectrecord-list", "get"): one(RECORD_KEEPERS, "subject_records:view"),
    ("subjectrecord-detail", "get"): one(RECORD_KEEPERS, "subject_records:view"),
    ("subjectrecord-may-be-written-to", "get"): one(RECORD_KEEPERS, "subject_records:view"),
    ("subjectrecord-detail", "put"): one(RECORD_KEEPERS, "subject_records:change"),
    ("subjectrecord-state", "post"): one(RECORD_KEEPERS, "subject_records:change"),
    ("subjectrecord-events", "post"): replace(one(RECORD_KEEPERS, "subject_records:change"), ok=201),
    ("event-list", "get"): listed({DPO, AUDITOR}, "evidence:view"),
    ("event-detail", "get"): one({DPO, AUDITOR}, "evidence:view"),
}


def operations() -> Iterator[tuple[str, str]]:
    pattern: URLPattern
    for pattern in api.urlpatterns:
        view: Any = pattern.callback
        methods = set(getattr(view, "actions", None) or view.view_class.http_method_names) - {"head"}
        yield from ((str(pattern.name), method) for method in methods)


def expected(row: Row, who: str) -> int:
    if who == NOBODY:
        return 401
    return row.ok if who in row.opens else row.elsewhere_gets if who in row.elsewhere else 403


@pytest.fixture
def callers(dpo, staff, auditor, administrator, stranger, clerk) -> dict[str, Client]:
    people = {
        DPO: dpo,
        STAFF: staff,
        AUDITOR: auditor,
        ADMINISTRATOR: administrator,
        STRANGER: stranger,
        CLERK: clerk,
    }
    clients = {NOBODY: Client()} | {name: Client() for name in people}
    for name, user in people.items():
        clients[name].force_login(user)
    for scope in SCOPES:
        clients[f"ours {scope}"] = programme(token_of(dpo, scope)[1])
        clients[f"theirs {scope}"] = programme(token_of(stranger, scope)[1])
    return clients


def address_of(name: str, rows: dict[str, Any]) -> str:
    kind = name.partition("-")[0]
    if kind == "subjectrecord":
        slug, key = rows["register"].slug, rows[kind].key
        return reverse(f"api:{name}", args=[slug] if name.endswith("-list") else [slug, key])
    if name.endswith(("-list", "-ask")) or kind == "schema":
        return reverse(f"api:{name}")
    return reverse(f"api:{name}", args=[rows["register"].slug if kind == "register" else rows[kind].pk])


def call(client: Client, name: str, method: str, rows: dict[str, Any]) -> Any:
    address = address_of(name, rows)
    if method == "get":
        return client.get(address)
    return getattr(client, method)(address, body_of(name, rows), content_type=JSON)


def body_of(name: str, rows: dict[str, Any]) -> dict[str, Any]:
    match name:
        case "subjectrecord-detail":
            return {"activity": "A1"}
        case "subjectrecord-state":
            return {"state": None}
        case "subjectrecord-events":
            return {"kind": "payment", "on": "2026-01-31"}
        case _:
            return {"edition": rows["edition"].pk, "kind": "controller_register", "language": "fr"}


def test_every_operation_is_in_the_table():
    assert set(operations()) == set(TABLE)


@pytest.mark.parametrize("operation", TABLE, ids=" ".join)
def test_each_operation_answers_each_caller_as_the_table_says(operation, ours, theirs, callers):
    found = {who: call(client, *operation, ours).status_code for who, client in callers.items()}
    assert found == {who: expected(TABLE[operation], who) for who in callers}


@pytest.mark.parametrize("operation", [one for one in TABLE if TABLE[one].elsewhere_gets in {400, 404}], ids=" ".join)
def test_what_lies_in_another_register_and_what_never_was_are_told_alike(operation, ours, theirs, callers):
    nowhere = {name: type(row)(pk=10**9) for name, row in theirs.items()}
    nowhere["register"].slug = "nowhere"
    nowhere["subjectrecord"].key = "nowhere"
    for who in (DPO, *(name for name in OURS if name in TABLE[operation].opens)):
        hidden, absent = (call(callers[who], *operation, rows) for rows in (theirs, nowhere))
        assert hidden.status_code == absent.status_code == TABLE[operation].elsewhere_gets
        assert hidden.content == absent.content
    assert not Print.objects.filter(register=theirs["register"]).exclude(pk=theirs["document"].pk).exists()


@pytest.mark.parametrize(
    ("address", "name", "row"),
    [
        ("editions", "register", "register"),
        ("documents", "register", "register"),
        ("documents", "edition", "edition"),
        ("evidence", "register", "register"),
    ],
)
def test_a_filter_by_what_lies_elsewhere_is_refused_like_one_by_nothing(address, name, row, ours, theirs, service):
    value = theirs["register"].slug if row == "register" else theirs[row].pk
    mine = ours["register"].slug if row == "register" else ours[row].pk
    client = service()
    assert client.get(f"{API}/{address}/", {name: mine}).json()["count"] > 0
    hidden = client.get(f"{API}/{address}/", {name: value})
    absent = client.get(f"{API}/{address}/", {name: "nowhere" if row == "register" else 10**9})
    assert problem_of(hidden, 400, "invalid")["errors"][0]["pointer"] == f"#/{name}"
    assert hidden.content == absent.content


def test_a_list_holds_the_rows_of_ones_own_registers_only(ours, theirs, service, callers):
    for address in ("registers", "editions", "documents", "evidence"):
        text = service().get(f"{API}/{address}/").content.decode()
        assert "acme" in text
        assert "elsewhere" not in text
        assert "acme" not in callers[STRANGER].get(f"{API}/{address}/").content.decode()
    assert callers[CLERK].get(f"{API}/registers/").json()["results"] == []


def test_who_is_dpo_here_and_staff_there_asks_for_documents_here_only(ours, theirs, dpo):
    theirs["register"].memberships.create(user=dpo, role=STAFF)
    client = Client()
    client.force_login(dpo)
    assert call(client, "edition-detail", "get", theirs).status_code == 200
    assert call(client, "document-ask", "post", theirs).status_code == 400
    assert call(client, "event-detail", "get", theirs).status_code == 404
    assert call(client, "document-ask", "post", ours).status_code == 202


def test_what_a_programme_does_leaves_its_trace(ours, dpo):
    token, text = token_of(dpo)
    client = programme(text)
    call(client, "edition-canonical", "get", ours)
    call(client, "document-file", "get", ours)
    call(client, "document-ask", "post", ours)
    events = Event.objects.filter(details__service_token=token.pk).order_by("pk")
    assert [event.verb for event in events] == ["document_downloaded", "document_downloaded", "document_asked"]
    assert {event.actor_id for event in events} == {None}
    assert {event.register_id for event in events} == {token.register_id}


def test_what_a_person_does_is_recorded_with_the_person(ours, dpo, callers):
    call(callers[DPO], "edition-canonical", "get", ours)
    event = Event.objects.filter(verb="document_downloaded").get()
    assert event.actor_id == dpo.pk
    assert "service_token" not in event.details
    asked = call(callers[DPO], "document-ask", "post", ours)
    assert Print.objects.get(pk=asked.json()["id"]).asked_by == dpo
