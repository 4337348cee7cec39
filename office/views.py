"""Home, editions and downloads: what a DPO, an auditor or a staff member comes to read."""

from dataclasses import dataclass
from io import BytesIO

from django.db.models import Prefetch, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from documents import actions as documents
from documents.models import Print
from editions import actions as editions
from editions.models import Edition
from foundation import permissions, watch
from foundation.models import Event, Register, User
from foundation.permissions import Role
from foundation.requests import SignedInRequest


@dataclass(frozen=True)
class RegisterCard:
    """What the home page says of one register."""

    register: Register
    role: str
    latest: Edition | None
    may_edit: bool
    has_changed: bool | None  # since the latest edition; None where the person may not read the entries


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The registers of this person, with their newest edition."""
    roles = request.user.roles_by_register()
    registers = Register.objects.filter(pk__in=roles).order_by("name")
    cards = [_card(request.user, register, roles[register.pk]) for register in registers]
    return render(request, "office/home.html", {"cards": cards, "opens_admin": request.user.is_staff})


@require_safe
def audit(request: SignedInRequest) -> HttpResponse:
    """Every edition of every register that this person may read, newest first."""
    found = Edition.objects.visible_to(request.user).without_content().select_related("register")
    found = found.prefetch_related(_finished_prints(request.user)).order_by("-published_at", "-pk")
    reads_evidence = permissions.registers_readable(request.user, Event).exists()
    context = {"editions": _with_documents(found[:200]), "reads_evidence": reads_evidence}
    return render(request, "office/audit.html", context)


@require_safe
def register_editions(request: SignedInRequest, slug: str) -> HttpResponse:
    """The editions of one register, each with its documents."""
    readable = permissions.registers_readable(request.user, Edition)
    register = get_object_or_404(readable, slug=slug)
    watch.note(register=register.pk)
    found = Edition.objects.visible_to(request.user).without_content().filter(register=register)
    found = found.prefetch_related(_finished_prints(request.user)).order_by("-number")
    return render(request, "office/register.html", {"register": register, "editions": _with_documents(found)})


@require_GET
def edition_json(request: SignedInRequest, pk: int) -> HttpResponse:
    """The canonical JSON of an edition, byte for byte as it was hashed."""
    edition = get_object_or_404(Edition.objects.visible_to(request.user).select_related("register"), pk=pk)
    watch.note(register=edition.register_id)
    editions.downloaded(edition, actor=request.user, at=timezone.now())
    response = HttpResponse(edition.canonical.encode(), content_type="application/json")
    name = f"{edition.register.slug}-edition-{edition.number}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def print_download(request: SignedInRequest, pk: int) -> FileResponse:
    """A finished document, once its bytes are found to be those that were printed."""
    prints = Print.objects.visible_to(request.user).finished().select_related("register", "edition")
    print_ = get_object_or_404(prints, pk=pk)
    watch.note(register=print_.register_id)
    content = documents.downloaded(print_, actor=request.user, at=timezone.now())
    return FileResponse(BytesIO(content), as_attachment=True, filename=print_.file_name, content_type="application/pdf")


def _with_documents(found: "QuerySet[Edition]") -> list[Edition]:
    """Return the editions, each with its newest print of each document and, apart, those of earlier templates."""
    shown = list(found)
    for edition in shown:
        prints: list[Print] = getattr(edition, "finished_prints", [])
        newest = {(print_.kind, print_.language): print_ for print_ in reversed(prints)}
        edition.newest_prints = sorted(newest.values(), key=lambda print_: (print_.kind, print_.language))  # type: ignore[attr-defined]
        edition.earlier_prints = [print_ for print_ in prints if print_ not in newest.values()]  # type: ignore[attr-defined]
    return shown


def _card(user: User, register: Register, role: str) -> RegisterCard:
    reads_entries = permissions.allows(role, permissions.REGISTER_ENTRIES, permissions.VIEW)
    reads_editions = permissions.allows(role, permissions.EDITIONS, permissions.VIEW)
    latest = editions.latest(register) if reads_editions else None
    return RegisterCard(
        register=register,
        role=str(Role(role).label),
        latest=latest,
        may_edit=reads_entries,
        has_changed=editions.has_changed_since(latest) if latest and reads_entries else None,
    )


def _finished_prints(user: User) -> "Prefetch[str, QuerySet[Print], str]":
    prints = Print.objects.visible_to(user).finished().order_by("kind", "language", "-finished_at", "-pk")
    return Prefetch("prints", queryset=prints, to_attr="finished_prints")
