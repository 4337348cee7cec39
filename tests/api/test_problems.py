"""Whatever goes wrong is told in one form, with the remedy; hostile requests change nothing."""

import json

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from rest_framework import exceptions

from documents.actions import ask_print
from documents.models import Print
from foundation.api.problems import of_exception
from foundation.keys.actions import NoSuchKey
from foundation.middleware import RefusalMiddleware
from foundation.models import Event
from tests.api.conftest import API, JSON, problem_of

ASK = f"{API}/documents/ask/"


def body_of(ours) -> dict[str, object]:
    return {"edition": ours["edition"].pk, "kind": "privacy_notice", "language": "fr"}


def test_nobody_gets_a_problem_and_no_login_page(db):
    response = Client().get(f"{API}/editions/")
    problem_of(response, 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_address_that_does_not_exist_is_a_problem_there_and_a_page_elsewhere(service):
    for address in ("/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/editions/", f"{API}/editions/x/"):
        problem_of(service().get(address), 404, "not_found")
    assert "html" in service().get("/nothing/").headers["Content-Type"]


def test_a_rule_that_refuses_around_a_view_is_told_with_its_code_too():
    request = RequestFactory().get(f"{API}/editions/")
    told = json.loads(RefusalMiddleware(lambda request: None).process_exception(request, NoSuchKey()).content)
    assert (told["status"], told["code"], told["type"]) == (409, "no_such_key", "urn:greffier:problem:no_such_key")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace", "post"])
def test_a_method_that_does_not_exist_is_a_problem(method, ours, service):
    client = service()
    for address in (f"{API}/editions/", f"{API}/editions/{ours['edition'].pk}/", f"{API}/schema/"):
        problem_of(getattr(client, method)(address), 405, "method_not_allowed")
    if method != "post":
        problem_of(getattr(client, method)(ASK), 405, "method_not_allowed")


def test_what_is_recorded_when_handed_out_is_not_asked_about(ours, service):
    client = service()
    before = Event.objects.count()
    assert client.head(f"{API}/editions/{ours['edition'].pk}/canonical/").status_code == 405
    assert client.head(f"{API}/documents/{ours['document'].pk}/file/").status_code == 405
    assert Event.objects.count() == before
    assert client.head(f"{API}/editions/").status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "text/html;q=0.9", "x" * 9000])
def test_only_json_is_offered(accept, service):
    problem_of(service().get(f"{API}/registers/", headers={"Accept": accept}), 406, "not_acceptable")


def test_no_page_for_browsers_is_offered(service):
    wanted = "text/html,application/xhtml+xml,*/*;q=0.8"
    response = service().get(f"{API}/registers/", headers={"Accept": wanted})
    assert response.headers["Content-Type"] == JSON
    problem_of(service().get(f"{API}/registers/?format=api"), 400)


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml",
        "",
        "json",
        "x/" * 200,
    ],
)
def test_a_body_of_another_kind_is_not_read(kind, ours, service):
    response = service().generic("POST", ASK, b'{"edition": 1}', content_type=kind)
    problem_of(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "rot13", "nothing", "utf-7"])
def test_another_character_set_is_not_read(charset, ours, service):
    client = service()
    problem_of(client.generic("POST", ASK, b"{}", content_type=f"{JSON}; charset={charset}"), 415)
    if charset == "rot13":  # with a query Django itself fails before any of our code: no text encoding
        return
    strange = {"Content-Type": f"{JSON}; charset={charset}"}
    problem_of(client.get(f"{API}/editions/?a=1", headers=strange), 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"edition": "\xc3"}',
        b'{"edition": NaN}',
        b'{"edition": 1e999}',
        b'{"edition": ' + b"9" * 5000 + b"}",
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b"null",
        b"[]",
        b'"text"',
        b"[1]",
        b"7",
        b'{"kind": "\\ud800", "language": "\\u0000", "edition": {}}',
        b'{"edition": true, "kind": [], "language": {"a": 1}}',
        b'{"edition": 1.0, "kind": null, "language": 1}',
        b'{"edition": 100000000000000000000000000, "kind": "privacy_notice", "language": "fr"}',
        b'{"edition": -1, "kind": "privacy_notice", "language": "fr"}',
        b'{"__proto__": 1, "a/b": 1, "a~b": 1}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_is_not_understood_is_a_problem(body, ours, service):
    problem_of(service().generic("POST", ASK, body, content_type=JSON), 400)


def test_a_body_longer_than_any_need_is_refused_unread(service, ours):
    problem_of(service().generic("POST", ASK, b" " * 70_000, content_type=JSON), 413, "body_too_large")


def test_faults_of_a_body_are_told_with_their_place(ours, service):
    body = {"edition": "1", "kind": "poem", "a/b~c": 1}
    told = problem_of(service().post(ASK, body, content_type=JSON), 400, "invalid")
    assert [error["pointer"] for error in told["errors"]] == ["#/a~1b~0c"]
    del body["a/b~c"]
    told = problem_of(service().post(ASK, body, content_type=JSON), 400, "invalid")
    assert {error["pointer"]: error["code"] for error in told["errors"]} == {
        "#/edition": "invalid",
        "#/kind": "invalid_choice",
        "#/language": "required",
    }


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "#/limit"),
        ("limit=201", "#/limit"),
        ("limit=x", "#/limit"),
        ("limit=", "#/limit"),
        ("limit=%F0", "#/limit"),
        ("offset=-1", "#/offset"),
        ("offset=" + "9" * 30, "#/offset"),
        ("offset=" + "9" * 5000, "#/offset"),
        ("limit=5&limit=6", "#/limit"),
        ("register=%00", "#/register"),
        ("register=acme%00", "#/register"),
        ("register=%FF%FE", "#/register"),
        ("register=" + "a" * 5000, "#/register"),
        ("edition=" + "9" * 30, "#/edition"),
        ("edition=1.5", "#/edition"),
        ("edition=%00", "#/edition"),
        ("kind=%00", "#/kind"),
        ("kind=", "#/kind"),
        ("state=DONE", "#/state"),
        ("stat=done", "#/stat"),
        ("register__slug=acme", "#/register__slug"),
        ("page=1", "#/page"),
    ],
)
def test_a_query_is_checked_strictly(query, pointer, ours, service):
    told = problem_of(service().get(f"{API}/documents/?{query}"), 400, "invalid")
    assert [error["pointer"] for error in told["errors"]] == [pointer]


def test_an_address_of_one_row_takes_no_query(ours, service):
    problem_of(service().get(f"{API}/editions/{ours['edition'].pk}/?limit=1"), 400, "invalid")


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30, "9" * 5000, "-1", "1.0", "%00", "١", "1%2F", "1;--"])
def test_numbers_that_name_nothing_are_not_found(number, ours, service):
    problem_of(service().get(f"{API}/editions/{number}/"), 404)


def test_more_parameters_than_django_reads_are_a_problem(service, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    problem_of(service().get(f"{API}/editions/?" + "&".join(f"a{n}=1" for n in range(20))), 400, "bad_request")


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_or_parameter_changes_the_method(header, ours, service):
    client = service()
    for method in ("POST", "DELETE"):
        assert client.get(f"{API}/editions/", headers={header: method}).status_code == 200
        problem_of(client.post(f"{API}/editions/", {}, content_type=JSON, headers={header: "GET"}), 405)
    problem_of(client.get(ASK, body_of(ours), headers={header: "POST"}), 400)
    problem_of(client.get(f"{API}/editions/?_method=DELETE"), 400)
    assert Print.objects.count() == 1


def test_a_session_needs_its_csrf_token_to_change_anything(ours, dpo):
    client = Client(enforce_csrf_checks=True)
    client.force_login(dpo)
    assert client.get(f"{API}/editions/").status_code == 200
    problem_of(client.post(ASK, body_of(ours), content_type=JSON), 403)
    assert Print.objects.count() == 1
    client.get(reverse("home"))
    token = client.cookies["csrftoken"].value
    accepted = client.post(ASK, body_of(ours), content_type=JSON, headers={"X-CSRFToken": token})
    assert accepted.status_code == 202
    assert accepted.headers["Location"] == f"{API}/documents/{accepted.json()['id']}/"


def test_a_rule_that_refuses_is_a_409_with_its_code(ours, service):
    waiting = ask_print(ours["edition"], kind="privacy_notice", language="en", actor=None, at=timezone.now())
    problem_of(service().get(f"{API}/documents/{waiting.pk}/file/"), 409, "not_printed_yet")
    ours["document"].file.storage.delete(ours["document"].file.name)
    problem_of(service().get(f"{API}/documents/{ours['document'].pk}/file/"), 409, "stored_file_changed")


def test_a_bug_is_a_500_that_tells_its_number_and_nothing_else(service, monkeypatch):
    from foundation.api.views import RegisterViewSet

    def broken(self):
        raise LookupError("a secret of the code")

    monkeypatch.setattr(RegisterViewSet, "get_queryset", broken)
    client = service()
    client.raise_request_exception = False
    told = problem_of(client.get(f"{API}/registers/"), 500, "server_error")
    assert "secret" not in str(told)
    assert told["request_id"]


def test_a_caller_who_asks_too_often_is_told_when_to_come_back():
    response = of_exception(exceptions.Throttled(wait=12.4), {})
    assert response is not None
    assert problem_of_status(response) == 429
    assert response.headers["Retry-After"] == "13"


def problem_of_status(response) -> int:
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code


def test_nothing_that_the_api_answers_stays_in_a_cache(ours, service, dpo):
    session = Client()
    session.force_login(dpo)
    for client in (service(), session):
        assert client.get(f"{API}/editions/").headers["Cache-Control"] == "private, no-store"


def test_problems_are_told_in_the_language_asked_for(service):
    english, french = (
        service().get(f"{API}/nothing/", headers={"Accept-Language": language}).headers["Content-Language"]
        for language in ("en", "fr")
    )
    assert (english, french) == ("en", "fr")
