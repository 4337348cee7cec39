"""Asking for a document, rendering it once, and handing out the kept bytes (art. 30(3)-(4))."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from documents import rendering
from documents.errors import NotPrintedYet, StoredFileChanged
from documents.models import Print
from editions.models import Edition
from foundation import pdf
from foundation.accounts.tokens import Caller
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.files import write_through
from foundation.jobs import orders
from foundation.jobs.asking import ask, ring_when_written
from foundation.jobs.errors import NotInThisState
from foundation.jobs.held import HeldJob
from foundation.models import Job, User
from register.models import PolicyText

PRINT = "documents.print"  # the kind of job


@transaction.atomic
def ask_print(edition: Edition, *, kind: str, language: str, actor: User | None, at: datetime) -> Print:
    """Return the one print of this identity, asked for if it does not exist; what failed is asked for again."""
    identity = {
        "kind": kind,
        "language": language,
        "texts_hash": texts_hash(edition),
        "template_version": rendering.template_version(),
        "renderer_version": pdf.renderer_version(),
    }
    print_ = Print.objects.select_related("job").filter(edition=edition, **identity).first()
    if print_ is None:
        job = ask(PRINT, slot=_slot(edition, identity), register=edition.register, by=actor)
        made = {"job": job, "register_id": edition.register_id, "asked_at": at, "asked_by": actor}
        return Print.objects.get_or_create(edition=edition, **identity, defaults=made)[0]
    if print_.has_failed:
        with suppress(NotInThisState):  # somebody else asked again at this moment
            print_.job = orders.retry(print_.job_id, actor=actor)
    elif print_.job.state == Job.State.ASKED:
        ring_when_written(print_.job_id)
    return print_


def _slot(edition: Edition, identity: dict[str, str]) -> str:
    text = json.dumps({"edition": edition.pk, **identity}, sort_keys=True)
    return f"print-{hashlib.sha256(text.encode()).hexdigest()}"


def render(job: HeldJob) -> None:
    """Print the document of a job, and record it; one that is printed already stays as it is."""
    print_ = Print.objects.select_related("edition", "register").get(job=job.pk)
    if print_.is_printed:
        return
    name, sha256, rendered = _rendered(print_)
    with job.finishing():
        print_.finished_at, print_.file, print_.sha256 = timezone.now(), name, sha256
        print_.pages, print_.size_bytes = rendered.pages, len(rendered.pdf)
        print_.save(update_fields=["finished_at", "file", "sha256", "pages", "size_bytes"])
        _tell_printed(print_)


def _tell_printed(print_: Print) -> None:
    record(
        Event.Verb.PRINTED,
        print_,
        register=print_.register,
        actor=print_.asked_by,
        at=print_.finished_at,
        details={
            "sha256": print_.sha256,
            "kind": print_.kind,
            "language": print_.language,
            "edition": print_.edition.number,
            "edition_hash": print_.edition.hash,
            "texts_hash": print_.texts_hash,
            "template_version": print_.template_version,
            "renderer_version": print_.renderer_version,
            "pages": print_.pages,
        },
    )


def downloaded(print_: Print, *, actor: Caller | None, at: datetime) -> bytes:
    """Return the kept bytes of a document after checking their hash, and record that they were handed out."""
    if not print_.is_printed:
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
    for folder in (path.parent, path.parent.parent):  # the name outlasts a power cut as the bytes do
        write_through(folder)
    return name
