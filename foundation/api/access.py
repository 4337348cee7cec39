"""Permission classes: the one access table, for people and for service tokens."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from foundation import permissions
from foundation.accounts.tokens import ServiceToken
from foundation.api.authentication import caller
from foundation.api.problems import NotAllowed


class Known(BasePermission):
    """Whoever is signed in or shows a token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated)


class ByTable(Known):
    """Who may do what the view says: `view.access` holds (model, verb) by action; what is not said is refused."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if view.action is None or str(request.method).lower() not in view.http_method_names:
            return True  # answered 405
        model, verb = view.access[view.action]
        who = caller(request)
        if permissions.may(who, verb, model):
            return True
        if not isinstance(who, ServiceToken):
            raise NotAllowed("not_allowed", _("Your role does not allow this."))
        scope = scope_of(model, verb)
        raise NotAllowed("out_of_scope", _("This token lacks the scope %s: have one made that has it.") % scope)


def scope_of(model: Any, verb: str) -> str:
    """Return the scope a service token needs for this, or nothing where no token may."""
    wanted = (permissions.resource_of(model), verb)
    return next((scope for scope, opened in permissions.SCOPES.items() if opened == wanted), "")
