"""Admin pages on which one confirms who one is before changing anything."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from foundation.admin_base import administered
from foundation.admin_types import OfPage
from foundation.doors.recent import confirm_address, unconfirmed


class ConfirmedAdmin(OfPage):
    """An admin whose keepers confirm who they are before they change anything."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.asked(request) or super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.asked(request) or super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and self.asked(request):
            messages.warning(request, _("Nothing was changed. Confirm who you are, then choose again."))
            return HttpResponseRedirect(confirm_address(request, None))
        return super().changelist_view(request, *args, **kwargs)

    def asked(self, request: HttpRequest) -> HttpResponse | None:
        """Return the answer to a keeper who has to confirm who they are; who only reads is not asked."""
        return unconfirmed(request) if administered(request).exists() else None
