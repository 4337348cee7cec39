"""The try-out's business databases: made once where the setting says, reached as any source, told what to expect."""

from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sa
from django.conf import settings as project
from psycopg import sql

from foundation.embedded import servers
from office import demo_databases
from retention.mapped import mapping_of
from retention.models import DataSource, Target
from retention.places import login_of
from retention.sources.connecting import engine_for, places

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not project.TRY_OUT, reason="outside servers: no place for business databases"),
]


def rows_of(engine, mapping):
    with engine.connect() as connection:
        table = sa.Table(
            mapping.table.name, sa.MetaData(), schema=mapping.table.schema or None, autoload_with=connection
        )
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def assert_its_source_shows_what_is_expected(register):
    source = DataSource.objects.get(register=register)
    login, expected = login_of(source), demo_databases.expected(register.slug)
    assert login.password
    assert login.password not in source.url + source.place
    engine = engine_for(login, places=places())
    targets = list(Target.objects.with_mapping().filter(register=register))
    found = {target.name: rows_of(engine, mapping_of(target)) for target in targets}
    engine.dispose()
    assert found == {name: numbers.rows for name, numbers in expected.targets.items()}


def test_a_database_is_made_once_and_its_source_opens_it(prefix, loaded):
    register = loaded("sofacto")
    sealed = demo_databases.prepare(register, scale=20).url
    assert_its_source_shows_what_is_expected(register)
    assert demo_databases.prepare(register, scale=50).url == sealed
    assert_its_source_shows_what_is_expected(register)
    url = sa.make_url(project.DEMO_DATABASE_URL).set(database=f"{prefix}sofacto").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        readable = "has_table_privilege('greffier_archive', oid, 'SELECT')"
        mine = "relkind = 'r' AND relnamespace = 'public'::regnamespace"
        found = connection.execute(f"SELECT relname FROM pg_class WHERE {mine} AND {readable}")
        assert found.fetchall() == [("archive_dossiers_commerciaux",)]


def test_where_no_database_may_be_made_each_register_gets_a_schema(prefix, settings, loaded):
    here = servers.ensure(project.VAR / "servers", valkey=False)
    whole, name = sa.make_url(project.DEMO_DATABASE_URL), f"{prefix}sofacto"
    with psycopg.connect(project.DEMO_DATABASE_URL, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO greffier_archive").format(sql.Identifier(name)))
    login = f"{here.archive_user}:{quote(here.archive_password, safe='')}"
    settings.DEMO_DATABASE_URL = f"postgresql://{login}@{whole.host}:{whole.port}/{name}"
    register = loaded("urbs-imope")
    demo_databases.prepare(register, scale=20)
    assert {target.schema for target in Target.objects.filter(register=register)} == {f"{prefix}urbs_imope"}
    assert_its_source_shows_what_is_expected(register)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (None, "DEMO_DATABASE_URL"),
        ("mysql://demo:geheim@127.0.0.1:1/x", "PostgreSQL"),
        ("postgresql://demo:geheim@127.0.0.1:1/postgres", "DEMO_DATABASE_URL"),
    ],
)
def test_without_a_place_it_says_so_without_a_password(settings, acme, url, words):
    settings.DEMO_DATABASE_URL = url
    acme.slug = "sofacto"
    with pytest.raises(demo_databases.NoBusinessDatabases, match=words) as caught:
        demo_databases.prepare(acme)
    assert "geheim" not in str(caught.value)
