"""A real web server and somebody who asks it things."""

import contextlib
import http.client
import http.cookiejar
import os
import signal
import socket
import urllib.error
import urllib.parse
import urllib.request

from tests.conftest import until

GUNICORN = ("gunicorn", "--config", "python:config.gunicorn", "config.wsgi", "--no-control-socket", "--threads", "2")


class Browser:
    """Keeps its cookies and follows no redirect."""

    def __init__(self, address):
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), _Stays)

    def get(self, path, **headers):
        return self._ask(urllib.request.Request(self.address + path, headers=_named(headers)))

    def post(self, path, data, **headers):
        token = next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), "")
        body = urllib.parse.urlencode(data).encode()
        named = {"X-CSRFToken": token, **_named(headers)}
        return self._ask(urllib.request.Request(self.address + path, body, headers=named))

    def _ask(self, request):
        try:
            answer = self._open.open(request, timeout=20)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            answer.text = answer.read().decode()
        return answer


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def _named(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address):
    try:
        return Browser(address).get("/healthz/live").status == 200
    except (OSError, http.client.HTTPException):
        return False


@contextlib.contextmanager
def serving(servers, *options, **environment):
    """Serve Greffier with gunicorn; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = servers.start(*GUNICORN, "--bind", f"127.0.0.1:{port}", *options, **environment)
    try:
        until(lambda: answers(address))
        yield address
    finally:
        ended(server)


def ended(process, sign=signal.SIGTERM):
    """End a process and its children; insist when it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(sign)
    try:
        process.wait(10)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
