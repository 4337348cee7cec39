"""The servers that the tests of this folder stand on."""

from sqlalchemy import inspect, text


def test_each_test_begins_with_an_empty_database(business_database):
    assert inspect(business_database.engine).get_table_names() == []
    business_database.run("CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    business_database.run("INSERT INTO people VALUES (1, '100 %')")
    with business_database.engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM people")).scalar_one() == "100 %"


test_each_test_begins_with_an_empty_database_again = test_each_test_begins_with_an_empty_database


def test_the_engines_are_what_they_are_called(business_database):
    name = business_database.engine.dialect.name
    with business_database.engine.connect() as connection:
        assert name == {"mariadb": "mysql"}.get(business_database.dialect, business_database.dialect)
        assert getattr(connection.dialect, "is_mariadb", False) is (business_database.dialect == "mariadb")


def test_two_databases_are_apart(another_business_database, business_database):
    other = another_business_database(business_database.dialect)
    business_database.run("CREATE TABLE people (id INTEGER PRIMARY KEY)")
    assert inspect(other.engine).get_table_names() == []
