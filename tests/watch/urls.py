"""Views that fail, each in its own way, and one that takes its time."""

import logging
import threading

from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from config.urls import *  # noqa: F403
from config.urls import urlpatterns
from foundation.jobs.models import Pulse
from foundation.models import User

logger = logging.getLogger("greffier.tests")


@csrf_exempt
@login_not_required
def bug(request):
    raise ValueError(f"cannot read {request.POST['word']} of {request.GET['word']}")


@csrf_exempt
@login_not_required
def refused_by_postgresql(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [request.POST["word"]])


@csrf_exempt
@login_not_required
def taken(request):
    User.objects.create_user(request.POST["word"] + "@example.org")


@csrf_exempt
@transaction.atomic
def slow_write(request):
    Pulse.objects.create(name="one", seen_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
    Pulse.objects.create(name="two", seen_at=timezone.now())
    return HttpResponse("written")


@login_not_required
def forgery(request):
    thread = threading.Thread(target=int, args=[request.GET["word"]])
    thread.start()
    thread.join()
    logger.warning("first line %s", '\r\n{"event": "forged"}\u2028', extra={"word": request.GET["word"], "user": 7})
    raise ValueError


urlpatterns = [
    path("bug/", bug, name="bug"),
    path("refused-by-postgresql/", refused_by_postgresql, name="refused-by-postgresql"),
    path("taken/", taken, name="taken"),
    path("slow-write/", slow_write, name="slow-write"),
    path("forgery/", forgery, name="forgery"),
    *urlpatterns,
]
