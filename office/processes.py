"""The processes of the try-out, started and ended together: web, worker and beat."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

PATIENCE_SECONDS = 20
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>

CELERY = ["celery", "-A", "config", "--quiet"]
WORKER = [*CELERY, "worker", "--loglevel", "WARNING", "--concurrency", "2", "--without-gossip"]
BEAT = [*CELERY, "beat", "--loglevel", "WARNING", "--schedule", str(settings.VAR / "beat-schedule")]


def web(host: str, port: int) -> list[str]:
    """Return the command of the web server."""
    size = ["--workers", "2", "--threads", "4"]
    config = ["--config", "python:config.gunicorn"]
    return ["gunicorn", *config, "config.wsgi", "--bind", f"{host}:{port}", *size, "--no-control-socket"]


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def running(*commands: list[str]) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Run the commands beside this process; at the end of the block all of them have ended."""
    log = Path(settings.VAR) / "processes.log"
    with log.open("ab") as out:
        children = [
            # a session of their own: Ctrl-C reaches this process only, which then ends them in order
            subprocess.Popen(  # noqa: S603 (commands of this module only)
                [sys.executable, "-m", *command],
                cwd=settings.BASE_DIR,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
            for command in commands
        ]
        try:
            yield children
        finally:
            end(children)


def _end_with_parent() -> None:
    """Have Linux end this process when the one that started it is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(children: list["subprocess.Popen[bytes]"]) -> None:
    """Ask every process to finish, and insist when it does not."""
    for child in reversed(children):
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
