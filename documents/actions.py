"""Asking for a document, rendering it once, and handing out the kept bytes (art. 30(3)-(4))."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from documents import rendering
from documents.errors import NotPrintedYet, StoredFileChanged
from documents.models import Print
from editions.models import Edition
from foundation import pdf
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.models import User
from register.models import PolicyText

logger = logging.getLogger(__name__)


@transaction.atomic
def ask_print(edition: Edition, *, kind: str, language: str, actor: User | None, at: datetime) -> Print:
    """Return the one print of this identity, asked for if it does not exist; a failed one may be asked for again.

    The worker is woken once the transaction holds; without a broker the print stays asked until the next tick.
    """
    print_, is_new = Print.objects.exclude(state=Print.State.FAILED).get_or_create(
        edition=edition,
        kind=kind,
        language=language,
        texts_hash=texts_hash(edition),
        template_version=rendering.template_version(),
        renderer_version=pdf.renderer_version(),
        defaults={"register_id": edition.register_id, "asked_at": at, "asked_by": actor},
    )
    if is_new or print_.state == Print.State.ASKED:
        transaction.on_commit(lambda: ring(print_.pk))
    return print_


def ring(print_id: int) -> None:
    """Wake a worker for a print; a broker that does not answer changes nothing but the time."""
    from kombu.exceptions import OperationalError

    from documents.tasks import render as render_task

    try:
        render_task.apply_async((print_id,), retry=False)
    except (OperationalError, OSError) as refusal:
        logger.warning(
            "The broker does not answer (%s): print %s waits for the next tick.", type(refusal).__name__, print_id
        )


def render(print_id: int, now: datetime) -> bool:
    """Print one document that was asked for, or whose worker is gone; return whether this call finished it."""
    print_ = _take(print_id, now)
    if print_ is None:
        return False
    try:
        name, sha256, rendered = _rendered(print_)
    except pdf.NotRendered as refusal:
        return _fail(print_, str(refusal.detail))
    except Exception as bug:  # the outermost frame of the work: a bug fails the print instead of repeating for ever
        logger.exception("Print %s failed", print_.pk)
        return _fail(print_, _("The document could not be printed (%s). The log says more.") % type(bug).__name__)
    return _finish(print_, name=name, sha256=sha256, rendered=rendered)


def downloaded(print_: Print, *, actor: User | None, at: datetime) -> bytes:
    """Return the kept bytes of a document after checking their hash, and record that they were handed out."""
    if print_.state != Print.State.DONE:
        raise NotPrintedYet(_("This document has not been printed yet."))
    try:
        with print_.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        content = b""
    if hashlib.sha256(content).hexdigest() != print_.sha256:
        raise StoredFileChanged(
            _("The stored file is not the one that was printed: its hash differs. It was not handed out.")
        )
    with transaction.atomic():
        record(
            Event.Verb.DOWNLOADED,
            print_,
            register=print_.register,
            actor=actor,
            at=at,
            details={"sha256": print_.sha256, "edition": print_.edition.number},
        )
    return content


def waiting(now: datetime) -> "models.QuerySet[Print]":
    """Return the prints that nobody is working on: asked for, or taken longer ago than a lease lasts."""
    return Print.objects.filter(_takeable(now)).order_by("asked_at", "pk")


def attached_texts(edition: Edition) -> Mapping[str, str]:
    """Return the attached texts of the policy versions that the edition holds, by digest."""
    form = json.loads(edition.canonical)
    digests = {
        version["text_digest"]
        for policy in form.get("policies", ())
        for version in policy.get("versions", ())
        if version.get("text_digest")
    }
    texts: Any = PolicyText.objects.of(edition.register)
    return dict(texts.filter(digest__in=digests).order_by("digest").values_list("digest", "text"))


def texts_hash(edition: Edition) -> str:
    """Return the digest over the digests of the attached texts; empty when none is attached."""
    digests = sorted(attached_texts(edition))
    return hashlib.sha256("\n".join(digests).encode()).hexdigest() if digests else ""


def _takeable(now: datetime) -> models.Q:
    gone = now - timedelta(seconds=settings.PRINT_LEASE_SECONDS)
    return models.Q(state=Print.State.ASKED) | models.Q(state=Print.State.RENDERING, started_at__lte=gone)


@transaction.atomic
def _take(print_id: int, now: datetime) -> Print | None:
    """Take the print: from now on it is ours until it is done, failed, or our lease is over."""
    print_ = Print.objects.select_for_update(skip_locked=True).filter(_takeable(now), pk=print_id).first()
    if print_ is None:
        return None
    print_.state, print_.started_at = Print.State.RENDERING, now
    print_.save(update_fields=["state", "started_at"])
    return print_


def _rendered(print_: Print) -> tuple[str, str, pdf.Rendered]:
    """Render and store the document under a name made of its hash; the same bytes are stored once."""
    texts = attached_texts(print_.edition)
    if texts_hash(print_.edition) != print_.texts_hash:
        raise pdf.NotRendered(_("Texts of policies were attached after this document was asked for: ask for it again."))
    page = rendering.html(print_.edition, kind=print_.kind, language=print_.language, texts=texts)
    rendered = pdf.render(
        page,
        css=rendering.CSS.read_text(encoding="utf-8"),
        identity=rendering.identity(print_),
        fonts=Path(settings.VAR) / "fonts",
    )
    sha256 = hashlib.sha256(rendered.pdf).hexdigest()
    return _stored(f"prints/{sha256[:2]}/{sha256}.pdf", rendered.pdf), sha256, rendered


def _stored(name: str, content: bytes) -> str:
    """Keep the bytes under this name: whole or not at all, and the same name always for the same bytes."""
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:  # a remote storage writes whole files only
        return name if default_storage.exists(name) else default_storage.save(name, ContentFile(content))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".draft-", delete=False) as draft:
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(path)
    return name


@transaction.atomic
def _ours(print_: Print) -> Print | None:
    """Return the row, locked, if our lease still holds: another worker may have taken it over."""
    return (
        Print.objects.select_for_update()
        .filter(pk=print_.pk, state=Print.State.RENDERING, started_at=print_.started_at)
        .first()
    )


@transaction.atomic
def _fail(print_: Print, error: str) -> bool:
    kept = _ours(print_)
    if kept is not None:
        kept.state, kept.error, kept.finished_at = Print.State.FAILED, error, timezone.now()
        kept.save(update_fields=["state", "error", "finished_at"])
    return False


@transaction.atomic
def _finish(print_: Print, *, name: str, sha256: str, rendered: pdf.Rendered) -> bool:
    kept = _ours(print_)
    if kept is None:
        return False
    kept.state, kept.error, kept.finished_at = Print.State.DONE, "", timezone.now()
    kept.file, kept.sha256 = name, sha256
    kept.pages, kept.size_bytes = rendered.pages, len(rendered.pdf)
    kept.save(update_fields=["state", "error", "finished_at", "file", "sha256", "pages", "size_bytes"])
    record(
        Event.Verb.PRINTED,
        kept,
        register=kept.register,
        actor=kept.asked_by,
        at=kept.finished_at,
        details={
            "sha256": sha256,
            "kind": kept.kind,
            "language": kept.language,
            "edition": kept.edition.number,
            "edition_hash": kept.edition.hash,
            "texts_hash": kept.texts_hash,
            "template_version": kept.template_version,
            "renderer_version": kept.renderer_version,
            "pages": rendered.pages,
        },
    )
    return True
