"""The application's database role writes rows and appends proof: it owns nothing and cannot undo what was appended."""

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone

from editions.actions import publish
from foundation.database.privileges import append_only_tables
from foundation.evidence.sealing import seal_next

REFUSED = {
    "create a table": "CREATE TABLE loot (id int)",
    "create a function": "CREATE FUNCTION loot() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "drop a trigger": "DROP TRIGGER greffier_append_only ON editions_edition",
    "disable triggers": "ALTER TABLE editions_edition DISABLE TRIGGER ALL",
    "skip triggers": "SET session_replication_role = replica",
    "become the owner": "SET ROLE greffier_owner",
    "create a role": "CREATE ROLE loot",
    "truncate an append-only table": "TRUNCATE editions_edition CASCADE",
    "make a table that hides another": "CREATE TEMP TABLE foundation_change (id int)",
    "forge the history": (
        "INSERT INTO foundation_change (register_id, table_name, row_id, operation, changes, reason, changed_at) "
        "VALUES (1, 'x', 1, 'insert', '{}', '', now())"
    ),
    "forge a migration": "DELETE FROM django_migrations",
    "truncate a register table": "TRUNCATE register_answer",
    "disable the guard of the evidence": "ALTER TABLE foundation_event DISABLE TRIGGER greffier_append_only",
    "disable the guard of the leaves": "ALTER TABLE foundation_leaf DISABLE TRIGGER USER",
    "disable the guard of the checkpoints": "ALTER TABLE foundation_checkpoint DISABLE TRIGGER ALL",
}


@pytest.mark.django_db
@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_the_application_may_not(statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_the_application_is_neither_owner_nor_superuser():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("greffier_app", False, False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_of_no_table_may_the_application_be_owner_empty_it_or_switch_its_triggers_off():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname, relowner = current_user::regrole, has_table_privilege(oid, 'TRUNCATE'),
                   has_table_privilege(oid, 'TRIGGER'), has_table_privilege(oid, 'REFERENCES')
            FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
            """
        )
        found = cursor.fetchall()
    tables = {name for name, *_ in found}
    assert {model._meta.db_table for model in apps.get_models() if model._meta.managed} <= tables
    assert {"foundation_cache", "mfa_authenticator", "usersessions_usersession", "account_emailaddress"} <= tables
    assert [row for row in found if any(row[1:])] == []


@pytest.mark.django_db
def test_the_database_says_no_to_each_table_in_turn():
    """What the catalogue promises is tried: emptying and switching triggers off, table by table."""
    refused = []
    tables = sorted(connection.introspection.table_names())
    for table in tables:
        for statement in (f'TRUNCATE "{table}" CASCADE', f'ALTER TABLE "{table}" DISABLE TRIGGER ALL'):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            refused.append(statement)
    assert len(refused) == 2 * len(tables) > 80


@pytest.mark.parametrize("table", append_only_tables())
@pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_append_only_tables_refuse_change(acme, dpo, table, verb):
    publish(acme, actor=dpo, at=timezone.now())
    seal_next(timezone.now())
    (key,) = (model._meta.pk.column for model in apps.get_models() if model._meta.db_table == table)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format(table, key))


def test_editions_evidence_and_history_are_append_only():
    assert append_only_tables() == [
        "editions_edition",
        "foundation_change",
        "foundation_checkpoint",
        "foundation_event",
        "foundation_leaf",
    ]
