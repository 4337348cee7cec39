"""The schema says what the API does: it is committed, served, and tried from the outside."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.drainage import GENERATOR_STATS
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth

from foundation.api.problems import PROBLEM_JSON
from foundation.api.schema import as_yaml, document
from tests.api.conftest import API, programme, token_of

COMMITTED = Path(__file__).resolve().parent.parent.parent / "docs" / "openapi.yaml"


def operations():
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_committed_schema_is_that_of_the_code():
    assert COMMITTED.read_text(encoding="utf-8") == as_yaml(), "run: python manage.py write_openapi docs/openapi.yaml"


def test_the_cookie_of_production_is_named_and_that_of_a_try_out_too():
    session = document()["components"]["securitySchemes"]["session"]
    assert session["name"] == "__Host-sessionid"
    assert "`sessionid`" in session["description"]


def test_the_schema_is_written_without_a_doubt():
    with GENERATOR_STATS.silence():
        document.cache_clear()
        GENERATOR_STATS.reset()
        document()
    assert not GENERATOR_STATS


def test_the_schema_is_served_to_those_who_are_known(dpo):
    client = programme(token_of(dpo)[1])
    assert client.get(f"{API}/schema/").json() == yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
    assert client.get(f"{API}/schema/", headers={"Accept-Language": "fr"}).json()["info"]["title"] == "Greffier"


def test_every_operation_documents_its_problems_and_its_scope():
    answers = document()["components"]["responses"]
    for path, method, operation in operations():
        told = {status for status in operation["responses"] if status >= "400"}
        assert told >= {"400", "401", "403", "406", "500"}, path
        assert ("404" in told) == ("{" in path)
        assert {"serviceToken", "session"} == {name for way in operation["security"] for name in way}
        assert (method in {"post", "put"}) == ("413" in told)
    assert all(PROBLEM_JSON in answer["content"] for answer in answers.values())


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """The requests see what the test has written: its connection is not closed after each of them."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


OPERATIONS = [(path, method) for path, method, _operation in operations()]


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{method} {path}" for path, method in OPERATIONS])
def test_the_api_answers_only_what_the_schema_says(path, method, mode, ours, dpo, kept_connection):
    """Requests made from the schema, sound and broken, through the whole application."""
    _token, text = token_of(dpo)
    operation = schemathesis.openapi.from_dict(document())[path][method.upper()]
    application = WSGIHandler()
    row = ours[{"editions": "edition", "evidence": "event"}.get(path.split("/")[3], "document")]
    known = {"id": row.pk, "slug": "acme", "register": "acme", "edition": ours["edition"].pk}
    known |= {"key": ours["subjectrecord"].key, "activity": "A1", "state": None, "purpose": None}
    seen = set()

    @seed(20261121)
    @settings(
        max_examples=12,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def tried(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:  # sound requests name what there is
            for given_values in (case.path_parameters, case.query, case.body):
                if isinstance(given_values, dict):
                    given_values.update({name: known[name] for name in given_values.keys() & known.keys()})
        response = case.call(app=application, headers={"Authorization": f"Bearer {text}"})
        # who may call is the matter of test_access: this check sends our own token once more
        case.validate_response(response, excluded_checks=[ignored_auth])
        seen.add(response.status_code)

    tried()
    assert seen
