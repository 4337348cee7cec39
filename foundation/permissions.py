"""Who may do what, in one table: role × resource × verb. Everything else is refused."""

from typing import TYPE_CHECKING, Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from foundation.accounts.models import Register
    from foundation.accounts.tokens import Caller


class Role(models.TextChoices):
    """What a person is to one register."""

    DPO = "dpo", _("data protection officer")
    STAFF = "staff", _("staff")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


REGISTER_ENTRIES: Final = "register_entries"
EDITIONS: Final = "editions"
PRINTS: Final = "prints"
EVIDENCE: Final = "evidence"
HISTORY: Final = "history"
MEMBERSHIPS: Final = "memberships"
JOBS: Final = "jobs"
HALTS: Final = "halts"
MAILS: Final = "mails"
SERVICE_TOKENS: Final = "service_tokens"
RETENTION: Final = "retention"
RUNS: Final = "runs"
SUBJECT_RECORDS: Final = "subject_records"
RIGHTS_REQUESTS: Final = "rights_requests"

VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"
_EVERYTHING = frozenset({VIEW, ADD, CHANGE, DELETE})
_READ = frozenset({VIEW})

ACCESS: Final[dict[str, dict[str, frozenset[str]]]] = {
    REGISTER_ENTRIES: {Role.DPO: _EVERYTHING},
    # an edition is published and printed, never changed; "add" is publishing and asking for a print
    EDITIONS: {Role.DPO: frozenset({VIEW, ADD}), Role.AUDITOR: _READ, Role.STAFF: _READ},
    PRINTS: {Role.DPO: frozenset({VIEW, ADD}), Role.AUDITOR: _READ, Role.STAFF: _READ},
    EVIDENCE: {Role.DPO: _READ, Role.AUDITOR: _READ},
    HISTORY: {Role.DPO: _READ},
    MEMBERSHIPS: {Role.ADMINISTRATOR: _EVERYTHING, Role.DPO: _READ},
    # work is asked for by what needs it; "change" is pausing, resuming, retrying and cancelling
    JOBS: {Role.DPO: frozenset({VIEW, CHANGE}), Role.ADMINISTRATOR: frozenset({VIEW, CHANGE})},
    HALTS: {Role.DPO: frozenset({VIEW, ADD, DELETE}), Role.ADMINISTRATOR: frozenset({VIEW, ADD, DELETE})},
    # a mail says who was told what; "change" is saying whether it arrived, or sending it again
    MAILS: {Role.DPO: frozenset({VIEW, CHANGE})},
    # who makes a token gives what they have themselves: an administrator, who reads nothing, can only revoke ("change")
    SERVICE_TOKENS: {Role.DPO: frozenset({VIEW, ADD, CHANGE}), Role.ADMINISTRATOR: frozenset({VIEW, CHANGE})},
    # where rules bite, who is held, what was decided and armed: what erases is the DPO's alone
    RETENTION: {Role.DPO: _EVERYTHING},
    # a run tells its own course and is never edited; "change" is stopping it
    RUNS: {Role.DPO: frozenset({VIEW, CHANGE})},
    SUBJECT_RECORDS: {Role.DPO: _EVERYTHING, Role.STAFF: frozenset({VIEW, ADD, CHANGE})},
    # a request is filed and closed, never deleted by hand
    RIGHTS_REQUESTS: {Role.DPO: frozenset({VIEW, ADD, CHANGE}), Role.STAFF: frozenset({VIEW, ADD, CHANGE})},
}
ADMIN_SITE: Final = frozenset({Role.DPO, Role.STAFF, Role.ADMINISTRATOR})  # roles that work in the admin

# what a service token may be made for: resource and verb of the table above
SCOPES: Final[dict[str, tuple[str, str]]] = {
    "editions:view": (EDITIONS, VIEW),
    "documents:view": (PRINTS, VIEW),
    "documents:add": (PRINTS, ADD),
    "evidence:view": (EVIDENCE, VIEW),
    "subject_records:view": (SUBJECT_RECORDS, VIEW),
    "subject_records:change": (SUBJECT_RECORDS, CHANGE),
}
SCOPE_CHOICES: Final = (
    ("editions:view", _("read editions and their canonical JSON")),
    ("documents:view", _("read and download documents")),
    ("documents:add", _("ask for documents")),
    ("evidence:view", _("read the evidence")),
    ("subject_records:view", _("read subject records, and ask whether a person may be written to")),
    ("subject_records:change", _("write subject records and say what happened to them")),
)


def resource_of(model: type[models.Model]) -> str | None:
    """Return the resource a model belongs to, or None for what no role reaches."""
    return getattr(model, "access_resource", None)


def allows(role: str, resource: str | None, verb: str) -> bool:
    """Return whether a role may do this."""
    return resource is not None and verb in ACCESS[resource].get(role, frozenset())


def registers_readable(caller: "Caller", model: type[models.Model]) -> "models.QuerySet[Register]":
    """Return the registers in which this caller may read rows of this model."""
    return registers_allowing(caller, resource_of(model), VIEW)


def registers_allowing(caller: "Caller", resource: str | None, verb: str) -> "models.QuerySet[Register]":
    """Return the registers in which this person, or this service token, may do `verb` to `resource`."""
    from foundation.accounts.models import Register
    from foundation.accounts.tokens import ServiceToken

    if isinstance(caller, ServiceToken):
        return Register.objects.filter(pk__in=[caller.register_id] if caller.allows(resource, verb) else [])
    roles = [role for role in Role.values if allows(role, resource, verb)]
    if not caller.is_authenticated or not caller.is_active or not roles:
        return Register.objects.none()
    return Register.objects.filter(memberships__user=caller, memberships__role__in=roles).distinct()


def registers_known_to(caller: "Caller") -> "models.QuerySet[Register]":
    """Return the registers this caller belongs to, whatever they may do there."""
    from foundation.accounts.models import Register
    from foundation.accounts.tokens import ServiceToken

    known = [caller.register_id] if isinstance(caller, ServiceToken) else list(caller.roles_by_register())
    return Register.objects.filter(pk__in=known)


def may(caller: "Caller", verb: str, model: type[models.Model], row: Any = None) -> bool:
    """Return whether this caller may do `verb` to rows of `model`: to this one, or (without one) to any at all."""
    from foundation.accounts.tokens import ServiceToken

    resource = resource_of(model)
    if isinstance(caller, ServiceToken):
        return caller.allows(resource, verb) and (row is None or row.register_id == caller.register_id)
    roles = caller.roles_by_register()
    if row is None:
        return any(allows(role, resource, verb) for role in roles.values())
    return allows(roles.get(row.register_id, ""), resource, verb)
