"""What two people do at once, and only the database sees: a sentence for the second, not a failure."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import IntegrityError, connection
from django.test import Client, RequestFactory

from foundation.database import refusals
from foundation.middleware import RefusalMiddleware
from foundation.models import Register
from foundation.permissions import Role
from register.models import Answer, ProcessingActivity
from tests.conftest import member
from tests.office.conftest import as_sent, page


def elsewhere(act):
    """Do something on a connection of its own, and commit it."""

    def do():
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor() as other:
        other.submit(do).result()


@pytest.mark.parametrize("is_api", [False, True], ids=["page", "api"])
def test_a_value_beside_an_answer_that_someone_gave_meanwhile_is_refused_with_a_sentence(
    real_servers, is_api, monkeypatch
):
    register = Register.objects.create(slug="acme", name="Acme")
    activity = ProcessingActivity.objects.create(register=register, ref="A1", name="Paie", role="controller")
    client = Client()
    client.force_login(member(register, Role.DPO))
    data = as_sent(client.get(page(activity))) | {"automated_decisions": "scoring"}
    elsewhere(
        lambda: Answer.objects.create(register=register, entry=activity, field="automated_decisions", kind="not_stated")
    )
    if is_api:
        monkeypatch.setattr("foundation.middleware.is_api", lambda request: True)
    answer = client.post(page(activity), data, headers={"accept-language": "en"})
    assert answer.status_code == 409
    assert answer.headers["Content-Type"].startswith("application/problem+json" if is_api else "text/html")
    assert "at the same moment" in answer.content.decode()
    activity.refresh_from_db()
    assert activity.automated_decisions == ""


def test_any_other_refusal_of_the_database_is_a_bug(db):
    with pytest.raises(IntegrityError) as caught, connection.cursor() as cursor:
        cursor.execute("INSERT INTO foundation_register (slug) VALUES (NULL)")
    assert refusals.sentence(caught.value) is None
    middleware = RefusalMiddleware(lambda request: None)
    assert middleware.process_exception(RequestFactory().get("/"), caught.value) is None
    assert refusals.sentence(psycopg.errors.UniqueViolation()) is None
