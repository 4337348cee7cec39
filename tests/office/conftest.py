"""What the tests of the office share: signed-in browsers of Django's test client, and forms sent back as they came."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as project
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from psycopg import sql

from examples.databases.catalogue import DATABASES
from foundation.models import Register, User
from office import demo_databases
from register.models import DataItem, Organisation, Policy, PolicyVersion, ProcessingActivity, Statement
from tests.conftest import signed_in


@pytest.fixture(autouse=True)
def static_root(settings: Any, tmp_path: Path) -> None:
    """Nothing is collected for these tests; the folder is there all the same."""
    settings.STATIC_ROOT = str(tmp_path)


@pytest.fixture
def office() -> Callable[[User], Client]:
    """Return a client signed in as this person."""
    return signed_in


def page(row: models.Model, name: str = "change") -> str:
    """Return the address of a row's page in the office."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[row.pk])


def listing(model: type[models.Model], name: str = "changelist") -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")


def as_sent(response: Any) -> dict[str, Any]:
    """Return what a browser would send back if the person changed nothing on this form."""
    data: dict[str, Any] = {}
    for field in response.context["adminform"].form:
        _put(data, field)
    for shown in response.context["inline_admin_formsets"]:
        for field in shown.formset.management_form:
            _put(data, field)
        for form in shown.formset.forms:
            for field in form:
                _put(data, field)
    return data


def _put(data: dict[str, Any], field: Any) -> None:
    value = field.value()
    if isinstance(value, list | tuple):
        data[field.html_name] = [getattr(one, "pk", one) for one in value]
    elif value is not None and value is not False:
        data[field.html_name] = "on" if value is True else field.field.prepare_value(value)


def with_line(data: dict[str, Any], prefix: str, **line: Any) -> dict[str, Any]:
    """Return the data with one more line in a list of lines."""
    index = int(data[f"{prefix}-TOTAL_FORMS"])
    return {**data, f"{prefix}-TOTAL_FORMS": index + 1} | {f"{prefix}-{index}-{name}": v for name, v in line.items()}


def errors_of(response: Any) -> set[str]:
    """Return the names of the fields that a form refused; a list of lines stands for itself."""
    assert response.status_code == 200, "the form was accepted"
    found = set(response.context["adminform"].form.errors)
    for shown in response.context["inline_admin_formsets"]:
        formset = shown.formset
        found |= {f"{formset.prefix}-{name}" for errors in formset.errors for name in errors}
        found |= {formset.prefix} if formset.non_form_errors() else set()
    return found


def held_by_the_database() -> None:
    """Have the database check now what it checks at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def small_register(register: Register, *, word: str) -> dict[str, Any]:
    """Fill a register with one row of what the forms point at; every name holds `word`."""
    organisation = Organisation.objects.create(register=register, ref="org", name=f"{word} SA")
    activity = ProcessingActivity.objects.create(
        register=register, ref="A1", name=f"Comptes {word}", role="controller", position=1
    )
    policy = Policy.objects.create(register=register, ref="p", title=f"Politique {word}")
    version = PolicyVersion.objects.create(register=register, ref="v", policy=policy)
    statement = Statement.objects.create(
        register=register, ref="S-01", version=version, kind="purpose", summary=f"Énoncé {word}"
    )
    item = DataItem.objects.create(
        register=register, ref="d1", activity=activity, name=f"Adresse {word}", category="contact", position=1
    )
    return {
        "organisation": organisation,
        "activity": activity,
        "policy": policy,
        "version": version,
        "statement": statement,
        "item": item,
    }


@pytest.fixture
def ours(acme: Register) -> dict[str, Any]:
    return small_register(acme, word="Dupont")


@pytest.fixture
def theirs(elsewhere: Register) -> dict[str, Any]:
    return small_register(elsewhere, word="Secret")


@pytest.fixture
def prefix(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Names of the test's own for the business databases it makes, which are dropped afterwards."""
    name, address = f"demo_test_{secrets.token_hex(4)}_", project.DEMO_DATABASE_URL  # a test may name another
    monkeypatch.setattr(demo_databases, "PREFIX", name)
    yield name
    with psycopg.connect(address, autocommit=True) as server:
        for slug in DATABASES:
            identifier = sql.Identifier(name + slug.replace("-", "_"))
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
