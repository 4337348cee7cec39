"""Headers that every answer carries beside the content security policy."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

NOWHERE: Final = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
PERMISSIONS: Final = ", ".join(
    [f"{feature}=()" for feature in NOWHERE]
    + ["publickey-credentials-create=(self)", "publickey-credentials-get=(self)"]
)
FORGET: Final = '"cache", "cookies", "storage"'


class HeadersMiddleware:
    """Nothing of ours is read by other sites, and no page asks for a camera or a place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


def forget_everything(response: HttpResponse) -> HttpResponse:
    """Have the browser forget what it kept of these pages: whoever sits down next finds nothing."""
    response.headers["Clear-Site-Data"] = FORGET
    return response
