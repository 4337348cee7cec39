"""Evidence for auditors: what was done in their registers, sealed in which checkpoint, with receipts to take home."""

import json
from io import BytesIO, StringIO

from django.apps import apps
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from foundation import permissions
from foundation.evidence import export as ledger
from foundation.evidence import sealing, verifier
from foundation.evidence.errors import NotSealedYet
from foundation.models import Event
from foundation.requests import SignedInRequest

PER_PAGE = 50


@require_safe
def events(request: SignedInRequest) -> HttpResponse:
    """Every event of the registers whose evidence this person may read, newest first."""
    found = Event.objects.visible_to(request.user).with_seal().select_related("register").order_by("-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    registers = permissions.registers_readable(request.user, Event).order_by("name")
    rows = [(event, _kind(event.subject_type)) for event in page]
    return render(request, "office/evidence.html", {"page": page, "rows": rows, "registers": registers})


@require_GET
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """The receipt of one event: what it says, its proof, its checkpoint."""
    event = get_object_or_404(Event.objects.visible_to(request.user), pk=pk)
    content = ledger.receipt(event)
    if content is None:
        raise NotSealedYet(_("This event is not sealed yet: come back in a minute."))
    return _attached(json.dumps(content, indent=1, ensure_ascii=False), f"receipt-{pk}.json", "application/json")


@require_GET
def checkpoint(request: SignedInRequest) -> HttpResponse:
    """The newest checkpoint as a text to keep."""
    newest = sealing.newest()
    if newest is None or not permissions.registers_readable(request.user, Event).exists():
        raise Http404
    return _attached(verifier.note(newest.line), f"checkpoint-{newest.number}.txt", "text/plain; charset=utf-8")


@require_GET
def export(request: SignedInRequest, slug: str) -> FileResponse:
    """The evidence of one register with its proofs, for the standalone verifier."""
    register = get_object_or_404(permissions.registers_readable(request.user, Event), slug=slug)
    content = StringIO()  # read as a whole before it is sent: a slow reader keeps no transaction open
    ledger.write(content, register=register)
    file = BytesIO(content.getvalue().encode())
    name = f"evidence-{register.slug}.jsonl"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/jsonl")


def _attached(content: str, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _kind(label: str) -> str:
    """Return how a kind of object is called."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label  # of a version that knew more
