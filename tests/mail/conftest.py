"""A real mail server beside the tests, in a process of its own."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from foundation.mail.models import Mail
from foundation.mail.planning import plan
from foundation.models import Membership, Register, User
from foundation.permissions import Role
from tests.conftest import EXAMPLES, until


@dataclass
class MailServer:
    """The process of a mail server, its port, and what it accepted."""

    folder: Path
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Listen, at the same port as before if there was one."""
        (self.folder / "port").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.mail.smtp_server", str(self.folder), str(self.port)], cwd=EXAMPLES.parent
        )
        until((self.folder / "port").exists)
        self.port = int((self.folder / "port").read_text())

    def stop(self) -> None:
        """Die at once."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def copies(self) -> list[Message]:
        """Return the messages accepted, oldest first."""
        files = sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes()) for path in files]

    def forget(self) -> None:
        """Have accepted nothing and tried nobody."""
        for path in [*self.folder.glob("*.eml"), *self.folder.glob("*.tried"), *self.folder.glob("answer")]:
            path.unlink()

    def answer(self) -> None:
        """Say now what was held back."""
        (self.folder / "answer").touch()

    @property
    def environment(self) -> dict[str, str]:
        """What points a worker at this server, with leases short enough to wait for."""
        return {
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
            "GREFFIER_MAIL_FROM": "Greffier <register@acme.example>",
            "GREFFIER_JOB_LEASE_SECONDS": "2",
            "GREFFIER_JOB_HEARTBEAT_SECONDS": "0.5",
            "GREFFIER_JOB_RETRY_SECONDS": "0.5",
            "GREFFIER_TICK_SECONDS": "1",
        }


@pytest.fixture(scope="session")
def one_mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = MailServer(tmp_path_factory.mktemp("mails"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mail_server(one_mail_server: MailServer, settings: Any) -> Iterator[MailServer]:
    """A mail server that has accepted nothing yet; this process hands its mails to it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", one_mail_server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    one_mail_server.forget()
    yield one_mail_server
    if one_mail_server.process is None or one_mail_server.process.poll() is not None:
        one_mail_server.start()


def plan_one(register: Register, name: str = "jane.doe", *, slot: int = 0, **given: Any) -> Mail:
    """Plan a mail to one recipient."""
    details = {"subject": "Votre demande", "body": "Bonjour,\n.\nÀ bientôt.", "register": register, **given}
    (mail,) = plan(to=[f"{name}@people.example"], slot=f"test {slot}", **details)
    return mail


@pytest.fixture
def planned(acme: Register) -> Callable[..., Mail]:
    """Plan mails in the register of Acme, one to each name."""
    slots = itertools.count()
    return lambda name="jane.doe", **given: plan_one(acme, name, slot=next(slots), **given)


@pytest.fixture
def keeper(acme: Register) -> User:
    """The DPO of Acme, who signs in with no password here."""
    user = User.objects.create_user("keeper@acme.example")
    Membership.objects.create(user=user, register=acme, role=Role.DPO)
    return user


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is said to nobody in particular is said in English."""
    with translation.override("en"):
        yield
