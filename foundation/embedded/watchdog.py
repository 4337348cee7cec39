"""Runs one server and ends it when its keeper is gone, however the keeper ended.

Started by file name with `python -I`, so it imports nothing of ours. Standard input is a pipe of which the keeper holds
the other end: the kernel closes it when the keeper ends, by `kill -9` too, and the read below returns.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

PATIENCE_SECONDS = ((signal.SIGINT, 45.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def end(server: "subprocess.Popen[bytes]") -> None:
    """Ask politely first: SIGINT is a fast, clean shutdown for both servers."""
    for number, seconds in PATIENCE_SECONDS:
        server.send_signal(number)
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return


def main(account: dict[str, Any], command: list[str]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # a handler, unlike SIG_IGN, is not inherited by the server
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, umask=0o077, **account)  # noqa: S603 our own command

    def leave_with_the_server() -> None:
        os._exit(min(abs(server.wait()), 255))

    threading.Thread(target=leave_with_the_server, daemon=True).start()
    os.read(0, 1)
    end(server)
    os._exit(0)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
