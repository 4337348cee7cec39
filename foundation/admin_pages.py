"""The page of one row: named after the row, with the tools that the page adds."""

from typing import Any

from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from foundation.admin_types import OfPage


class NamedPage(OfPage):
    has_history = False  # whether the changes of the row are recorded: then the page asks for a reason

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = context.get("original")
        context["title"] = str(row) if row else _("Add: %s") % self.opts.verbose_name
        context["subtitle"] = capfirst(str(self.opts.verbose_name)) if row else None
        context["has_history"] = self.has_history
        return super().render_change_form(request, context, *args, **kwargs)
