"""PostgreSQL with two logins behind one alias: the application's by default, the owner's inside `as_owner()`.

The owner makes tables and test databases; the application neither owns a table nor can create one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base, creation


@contextmanager
def as_owner(connection: "DatabaseWrapper") -> Iterator[None]:
    """Connect as the owner of the tables for the length of the block; the connection is closed at both ends."""
    if connection.owner_login:
        yield
        return
    if connection.in_atomic_block:
        raise RuntimeError("The database role cannot change inside a transaction.")
    connection.close()
    connection.owner_login = True
    try:
        yield
    finally:
        connection.close()
        connection.owner_login = False


class DatabaseCreation(creation.DatabaseCreation):
    connection: "DatabaseWrapper"

    def create_test_db(self, *args: Any, **kwargs: Any) -> str:
        with as_owner(self.connection):
            return super().create_test_db(*args, **kwargs)


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    owner_login = False

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if self.owner_login or self.alias == "__no_db__":  # "__no_db__" creates and drops test databases
            owner = self.settings_dict.get("OWNER")
            if not owner:
                raise ImproperlyConfigured("The owner's login is not configured here: set DATABASE_OWNER_URL.")
            params.update(user=owner["USER"], password=owner["PASSWORD"])
        elif seconds := self.settings_dict.get("LONGEST_SILENCE_SECONDS"):
            silence = f"-c idle_in_transaction_session_timeout={int(seconds * 1000)}"
            params["options"] = f"{params.get('options', '')} {silence}".strip()
        return params
