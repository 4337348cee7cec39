"""A mail server of the tests: keeps what it accepted in a folder, and misbehaves as the recipient's name says.

`python -m tests.mail.smtp_server FOLDER [PORT]` writes its port into FOLDER/port once it listens. Recipients:
`refused@`: 550 at RCPT; `later@`: 451 at RCPT the first time; `unwanted@`: 554 after the content; `busy@`: 452 after
the content the first time; `held@`: accepted, but said only once FOLDER/answer exists; `dropped@`: accepted, and the
connection dropped instead of a reply; `silent@`: dropped before the content is asked for, the first time. With
FOLDER/certificate.pem and FOLDER/key.pem it takes mail after STARTTLS only.
"""

import asyncio
import itertools
import ssl
import sys
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class Keeper:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count()

    def first_time(self, name: str) -> bool:
        """Return whether this recipient is tried for the first time."""
        mark = self.folder / f"{name}.tried"
        is_first = not mark.exists()
        mark.touch()
        return is_first

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        name = address.partition("@")[0]
        if name == "refused":
            return f"550 5.1.1 <{address}>: Recipient address rejected: user {name} unknown"
        if name == "later" and self.first_time(name):
            return "451 4.7.1 Greylisted, try again"
        if name == "silent" and self.first_time(name):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name == "unwanted":
            return "554 5.7.1 Looks like spam"
        if name == "busy" and self.first_time(name):
            return "452 4.3.1 No room"
        self.keep(envelope)
        if name == "dropped":
            server.transport.abort()
        while name == "held" and not (self.folder / "answer").exists():
            await asyncio.sleep(0.05)
        return "250 2.0.0 Ok: queued as 4AF1"

    def keep(self, envelope: Any) -> None:
        draft = self.folder / f".{next(self.numbers)}"
        number = message_from_bytes(envelope.content)["Message-ID"].strip("<>")
        head = f"X-Envelope: {envelope.mail_from} {' '.join(envelope.rcpt_tos)}\r\n".encode()
        draft.write_bytes(head + envelope.content)
        copies = len(list(self.folder.glob(f"{number}.*.eml")))
        draft.rename(self.folder / f"{number}.{copies}.eml")


def tls(folder: Path) -> ssl.SSLContext | None:
    """Return what STARTTLS needs, where the folder holds a certificate."""
    if not (folder / "certificate.pem").exists():
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


async def main(folder: Path, port: int) -> None:
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    secret = tls(folder)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="mail.test", tls_context=secret, require_starttls=secret is not None),
        "127.0.0.1",
        port,
    )
    draft = folder / ".port"
    draft.write_text(str(server.sockets[0].getsockname()[1]))
    draft.rename(folder / "port")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
