"""Who may do what, in one table: role × resource × verb. Everything else is refused."""

from typing import TYPE_CHECKING, Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from foundation.accounts.models import Register, User


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
}
ADMIN_SITE: Final = frozenset({Role.DPO, Role.ADMINISTRATOR})  # roles that work in the admin


def resource_of(model: type[models.Model]) -> str | None:
    """Return the resource a model belongs to, or None for what no role reaches."""
    return getattr(model, "access_resource", None)


def allows(role: str, resource: str | None, verb: str) -> bool:
    """Return whether a role may do this."""
    return resource is not None and verb in ACCESS[resource].get(role, frozenset())


def registers_readable(user: "User", model: type[models.Model]) -> "models.QuerySet[Register]":
    """Return the registers in which this person may read rows of this model."""
    return registers_allowing(user, resource_of(model), VIEW)


def registers_allowing(user: "User", resource: str | None, verb: str) -> "models.QuerySet[Register]":
    """Return the registers in which this person may do `verb` to `resource`."""
    from foundation.accounts.models import Register

    roles = [role for role in Role.values if allows(role, resource, verb)]
    if not user.is_authenticated or not user.is_active or not roles:
        return Register.objects.none()
    return Register.objects.filter(memberships__user=user, memberships__role__in=roles).distinct()


def may(user: "User", verb: str, model: type[models.Model], row: Any = None) -> bool:
    """Return whether this person may do `verb` to rows of `model`: to this one, or (without one) to any at all."""
    resource = resource_of(model)
    roles = user.roles_by_register()
    if row is None:
        return any(allows(role, resource, verb) for role in roles.values())
    return allows(roles.get(row.register_id, ""), resource, verb)
