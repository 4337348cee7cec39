"""Passwords of sources and values of business rows, put in on purpose, are looked for after everything was tried."""

from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from django.views.debug import ExceptionReporter

from foundation.accounts.models import Register
from foundation.models import Event
from retention.grounds import set_url
from retention.models import Run
from retention.places import login_of
from retention.sources import addresses
from retention.sources.addresses import Login
from tests.retention.servers import BusinessDatabase
from tests.retention.world import World, make_world

CANARY, FIRST = "zqcanary", 941_700_001
ADDRESS = f"postgresql://shop:{CANARY}@db.example/shop"

pytestmark = pytest.mark.django_db


@pytest.fixture
def bitten(acme: Register, login: Login, business_database: BusinessDatabase, settings: Any, tmp_path: Any) -> World:
    """A register whose source is reached by its address, over TCP where it is a server."""
    settings.SOURCE_HOSTS, settings.SQLITE_FOLDER = ["127.0.0.0/8"], str(tmp_path)
    address = login.address.text.replace("@", f":{login.password}@", 1)
    with translation.override("en"):
        return make_world(acme, business_database, url=address)


def stored() -> str:
    """Return every row of every table of Greffier as text, bytes of sealed values as they lie there."""
    with connection.cursor() as cursor:
        said = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT row_to_json(of_table)::text FROM "{table}" AS of_table')
            said += [row for (row,) in cursor.fetchall()]
    return "\n".join(said)


def assert_told_nowhere(*secrets: str, said: str) -> None:
    for secret in secrets:
        assert secret not in said.lower()
        assert secret.encode().hex() not in said.lower()


def refuse_to_erase(business: BusinessDatabase) -> None:
    """Have the database refuse each deletion with the row's address in its sentence, where it can."""
    if business.dialect == "postgresql":
        business.run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'not %', OLD.email; END $$",
            "CREATE TRIGGER kept BEFORE DELETE ON client FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
    elif business.dialect == "mariadb":
        business.run(
            "CREATE TRIGGER kept BEFORE DELETE ON client FOR EACH ROW"
            " BEGIN SET @said = CONCAT('not ', OLD.email); SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @said; END"
        )
    else:
        business.run(
            "CREATE TRIGGER kept BEFORE DELETE ON client FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'not zqcanary'); END"
        )


def fill(world: World) -> None:
    world.fill(old=3, young=3, first=FIRST)
    world.do(
        f"UPDATE client SET email = '{CANARY}-' || id"
        if world.business.dialect != "mariadb"
        else f"UPDATE client SET email = CONCAT('{CANARY}-', id)"
    )


def test_a_preview_and_a_run_leave_neither_password_nor_value_behind(bitten, login, dpo, caplog, capfd):
    fill(bitten)
    bitten.armed(dpo)
    assert bitten.run().rows_erased == 3
    said = stored() + caplog.text + "".join(capfd.readouterr())
    assert str(Event.Verb.BATCH_DONE.value) in said
    assert_told_nowhere(CANARY, str(FIRST), *([login.password.lower()] if login.password else []), said=said)


def test_a_page_about_an_error_shows_no_address_that_was_being_read(shop, settings, monkeypatch):
    settings.DEBUG = True
    source = set_url(shop.source, ADDRESS, by=None)
    monkeypatch.setattr(addresses, "_encryption", break_down)
    for act in (lambda: set_url(source, ADDRESS, by=None), lambda: login_of(source)):
        with pytest.raises(LookupError) as broken:
            act()
        shown = ExceptionReporter(None, broken.type, broken.value, broken.tb).get_traceback_html()
        assert "break_down" in shown
        assert_told_nowhere(CANARY, said=shown)


def break_down(*_args: object) -> None:
    raise LookupError("It broke.")


def test_a_run_that_fails_leaves_neither_password_nor_value_behind(bitten, login, dpo, caplog, capfd):
    refuse_to_erase(bitten.business)
    fill(bitten)
    bitten.armed(dpo)
    assert bitten.run().why == Run.Why.FAILED
    said = stored() + caplog.text + "".join(capfd.readouterr())
    assert_told_nowhere(CANARY, str(FIRST), *([login.password.lower()] if login.password else []), said=said)
