"""The Ed25519 key that signs checkpoints: given in production, made once in the try-out, never replaced by itself."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.translation import gettext as _

from foundation.evidence.errors import SigningKeyUnusable
from foundation.evidence.models import Checkpoint

RAW_BYTES = 32


def signing_key() -> Ed25519PrivateKey:
    """Return the key of this installation; the try-out makes one as long as nothing was ever sealed."""
    path = Path(settings.EVIDENCE_KEY_FILE) if settings.EVIDENCE_KEY_FILE else None
    if path is None:
        if not settings.EVIDENCE_KEY:
            raise SigningKeyUnusable(
                _(
                    "No signing key is set, so that evidence cannot be sealed: give the worker "
                    "GREFFIER_SIGNING_KEY_FILE (manage.py evidence_key --make FILE makes a key)."
                )
            )
        return parse(settings.EVIDENCE_KEY, "GREFFIER_SIGNING_KEY")
    if settings.EVIDENCE_KEY_IS_MADE and not path.exists() and not Checkpoint.objects.exists():
        make(path)
    return read(path)


def read(path: Path) -> Ed25519PrivateKey:
    """Return the private key that stands in a file."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SigningKeyUnusable(
            _(
                "The signing key cannot be read (%(path)s: %(error)s). Put it back from its backup. If it is lost for "
                "good, make another one and tell the auditors: manage.py evidence_key --make FILE, then "
                "--after-loss FILE."
            )
            % {"path": path, "error": type(error).__name__}
        ) from None
    return parse(text, str(path))


def parse(text: str, place: str) -> Ed25519PrivateKey:
    """Return the private key that a text holds: PEM (PKCS #8), or 32 bytes in base64."""
    try:
        if "-----BEGIN" in text:
            key = serialization.load_pem_private_key(text.encode(), password=None)
            if isinstance(key, Ed25519PrivateKey):
                return key
        else:
            raw = base64.b64decode(text.strip(), validate=True)
            if len(raw) == RAW_BYTES:
                return Ed25519PrivateKey.from_private_bytes(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error):
        pass  # said below, without a word of what the text holds
    raise SigningKeyUnusable(
        _("%(place)s holds no Ed25519 private key: it must be PEM (PKCS #8, without a password) or 32 bytes in base64.")
        % {"place": place}
    )


def make(path: Path) -> None:
    """Make a key in a private file: whole or not at all, and never over another one."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # refuses to overwrite: two first starters end with one key
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def public(key: Ed25519PrivateKey) -> str:
    """Return the public key (hex) that checkpoints name."""
    return key.public_key().public_bytes_raw().hex()
