"""The world of the tests: a register with its people, a stranger with all rights elsewhere, the five examples."""

import base64
import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import redis
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from psycopg import sql

from documents.models import Print
from editions.load import load
from editions.models import Edition
from editions.reading import Reading, read
from foundation.keys import masters
from foundation.models import Job, Membership, Register, User
from foundation.permissions import Role
from tests.copies import dumped

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SLUGS = ("vistory-sesame", "live-session", "sistec", "urbs-imope", "sofacto")
POLICY_TEXTS = os.environ.get("POLICY_TEXTS", "")
PASSWORD = "correct horse battery staple"
SIGNING_KEY = base64.b64encode(bytes(range(32))).decode()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that at the end no worker is left alone with a long module.

    First the tests that wait for processes, then those of the whole application, which stand beside this file.
    """

    def turn(item: pytest.Item) -> int:
        if any(item.get_closest_marker(name) for name in ("processes", "browser")):
            return 0
        return 1 if item.path.parent == Path(__file__).parent else 2

    items.sort(key=turn)


def example_text(slug: str) -> str:
    """Return the file of an example register."""
    return (EXAMPLES / f"{slug}.yaml").read_text(encoding="utf-8")


@cache
def example(slug: str) -> Reading:
    """Return an example register as read from its file: once per process, so nobody may change it."""
    return read(example_text(slug), f"{slug}.yaml")


def policy_texts() -> Path:
    """Return the folder of the policies' texts, or skip the test where they are not at hand."""
    if not POLICY_TEXTS:
        pytest.skip("POLICY_TEXTS does not name the folder of the policies' texts")
    return Path(POLICY_TEXTS)


@pytest.fixture
def acme(db: None) -> Register:
    return Register.objects.create(slug="acme", name="Registre d’Acme")


@pytest.fixture
def elsewhere(db: None) -> Register:
    return Register.objects.create(slug="elsewhere", name="Registre secret d’Ailleurs")


def member(register: Register, role: Role) -> User:
    """Return a person who has this role in this register, and nothing anywhere else."""
    user = User.objects.create_user(f"{role}@{register.slug}.example", PASSWORD)
    Membership.objects.create(user=user, register=register, role=role)
    return user


@pytest.fixture
def dpo(acme: Register) -> User:
    return member(acme, Role.DPO)


@pytest.fixture
def auditor(acme: Register) -> User:
    return member(acme, Role.AUDITOR)


@pytest.fixture
def staff(acme: Register) -> User:
    return member(acme, Role.STAFF)


@pytest.fixture
def administrator(acme: Register) -> User:
    return member(acme, Role.ADMINISTRATOR)


@pytest.fixture
def stranger(elsewhere: Register) -> User:
    """A DPO with all rights, in another register."""
    return member(elsewhere, Role.DPO)


@pytest.fixture
def clerk(db: None) -> User:
    """A person who belongs to no register."""
    return User.objects.create_user("clerk@nowhere.example", PASSWORD)


@pytest.fixture
def loaded(db: None) -> Callable[[str], Register]:
    """Load an example register by its short name."""

    def load_example(slug: str) -> Register:
        return load(example(slug), source=f"{slug}.yaml")

    return load_example


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Make rows once for all tests of a module: each test's own transaction stands within this one.

    Not for modules with processes, nor with commits; a test asks for rows anew rather than share an object.
    """

    def make(world: Callable[[], Any]) -> Any:
        made = world()
        connection.check_constraints()  # here, or it would be done again after each test
        return made

    with django_db_blocker.unblock(), transaction.atomic():
        yield make
        transaction.set_rollback(True)


def printed(edition: Edition, *, content: bytes, kind: str = "privacy_notice", language: str = "fr") -> Print:
    """Return a document of an edition whose bytes are these."""
    job = Job.objects.create(
        register=edition.register,
        kind="documents.print",
        slot=f"printed-{secrets.token_hex(8)}",
        state=Job.State.DONE,
        due_at=timezone.now(),
        asked_at=timezone.now(),
    )
    return Print.objects.create(
        register=edition.register,
        edition=edition,
        kind=kind,
        language=language,
        template_version="t",
        renderer_version="r",
        job=job,
        asked_at=timezone.now(),
        finished_at=timezone.now(),
        file=default_storage.save(f"prints/{secrets.token_hex(8)}.pdf", ContentFile(content)),
        sha256=hashlib.sha256(content).hexdigest(),
        pages=3,
        size_bytes=len(content),
    )


def signed_in(user: User | None) -> Client:
    """Return a browser in which this person signed in a moment ago (or nobody did)."""
    client = Client()
    if user is not None:
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


class QuickArgon2(Argon2PasswordHasher):
    """The hasher of production with less work to do: the tests make hundreds of hashes."""

    time_cost, memory_cost, parallelism = 1, 64, 1


@pytest.fixture(autouse=True)
def doors(settings: Any) -> None:
    """No role asks for a second factor, wherever the tests run: those that want it say so. Hashes are quick."""
    settings.SECOND_FACTOR_ROLES = frozenset()
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2", *settings.PASSWORD_HASHERS[1:]]


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    """Keep what a test stores in its own folder, serve static files by their plain names, seal with a key of tests."""
    for name, value in settings_of_files(tmp_path).items():
        setattr(settings, name, value)


def settings_of_files(folder: Path) -> dict[str, Any]:
    return {
        "EVIDENCE_KEY": SIGNING_KEY,
        "EVIDENCE_KEY_FILE": "",
        "EVIDENCE_KEY_IS_MADE": False,
        "STATIC_ROOT": str(folder),
        "STORAGES": {
            "default": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": folder},
            },
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    }


@pytest.fixture(autouse=True)
def sender(settings: Any) -> None:
    """Have an address that mails come from, whatever the environment of the tests says."""
    settings.DEFAULT_FROM_EMAIL = "Greffier <register@acme.example>"


# -- tests with real processes: a database of their own, cloned from the migrated one ---------------------------------


@dataclass(frozen=True)
class RealServers:
    """A database and a broker of one test's own, and the environment that points processes at them."""

    environment: dict[str, str]
    log: Path

    def start(self, *command: str, **environment: str) -> "subprocess.Popen[bytes]":
        """Start `python -m …` against these servers; the caller ends it."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=EXAMPLES.parent,
                env={**os.environ, **self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@pytest.fixture(scope="session")
def migrated_template(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Return the name of the migrated test database; pytest-django makes none when no collected test asks for it."""
    original = connection.settings_dict["NAME"]
    made = not original.startswith("test_")
    if made:
        with django_db_blocker.unblock():
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            connection.close()
    name = connection.settings_dict["NAME"]
    yield name
    if made:
        connection.settings_dict["NAME"] = original
        _as_owner(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def migrated_dump(migrated_template: str) -> bytes:
    """Return the migrated test database as statements, for a server of a test's own."""
    return dumped(migrated_template)


@pytest.fixture
def real_servers(
    request: pytest.FixtureRequest,
    migrated_template: str,
    django_db_blocker: Any,
    tmp_path: Path,
    settings: Any,
) -> Iterator[RealServers]:
    """Clone the migrated test database, point this process and its children at the clone, and drop it afterwards."""
    template = migrated_template
    clone = f"{template}_{secrets.token_hex(4)}"
    worker = (
        request.config.workerinput["workerid"].removeprefix("gw") if hasattr(request.config, "workerinput") else "0"
    )
    broker = settings.CELERY_BROKER_URL.partition("?")[0] + f"?virtual_host={1 + int(worker)}"
    master_key = tmp_path / "master-key"
    master_key.write_text(masters.new())
    settings.MASTER_KEYS = masters.read(master_key.read_text())
    with django_db_blocker.unblock():
        connection.close()
        _as_owner(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(clone), sql.Identifier(template)))
        connection.settings_dict["NAME"] = clone
        redis.Redis.from_url(_redis_url(broker)).flushdb()
        try:
            yield RealServers(
                {
                    "DATABASE_URL": url_of(
                        connection.settings_dict["USER"], connection.settings_dict["PASSWORD"], clone
                    ),
                    "REDIS_URL": broker,
                    "GREFFIER_SIGNING_KEY": SIGNING_KEY,
                    "SECRET_KEY": "for-tests-only-" + "x" * 50,
                    "GREFFIER_MASTER_KEY_FILE": str(master_key),
                    "GREFFIER_VAR": str(tmp_path / "var"),
                    "GREFFIER_FILES": str(tmp_path),
                    "GREFFIER_HTTPS": "0",
                    "ALLOWED_HOSTS": "localhost,127.0.0.1",
                    "GREFFIER_SECOND_FACTOR_ROLES": "",
                },
                tmp_path / "processes.log",
            )
        finally:
            connection.close()
            connection.settings_dict["NAME"] = template
            until(lambda: _dropped(clone))


def _dropped(name: str) -> bool:
    """Drop a database, unless somebody is still on it: the owner may not end a session of the application's login."""
    try:
        _as_owner(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:  # a process killed a moment ago
        return False
    return True


def url_of(user: str, password: str, name: str) -> str:
    host = quote(str(connection.settings_dict["HOST"]), safe="")
    return f"postgresql://{user}:{quote(password, safe='')}@{host}:{connection.settings_dict['PORT']}/{name}"


def _redis_url(broker: str) -> str:
    address, _question, query = broker.partition("?")
    return address.replace("redis+socket://", "unix://") + "?db=" + query.removeprefix("virtual_host=")


def _as_owner(statement: sql.Composed) -> None:
    owner = connection.settings_dict["OWNER"]
    with psycopg.connect(
        host=connection.settings_dict["HOST"],
        port=connection.settings_dict["PORT"],
        user=owner["USER"],
        password=owner["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    ) as admin:
        admin.execute(statement)


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition, or fail saying that it did not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.1)
