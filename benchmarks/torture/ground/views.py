"""The doors of the torture: order work, publish an edition. Open to all, on a loopback address, for an hour."""

import time

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from benchmarks.torture.ground.models import Order
from editions.actions import publish
from foundation.jobs.asking import ask
from foundation.models import Register


@csrf_exempt
@login_not_required
@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """Write orders and ask for their jobs, in one transaction that may be made to last."""
    numbers = {name: int(request.POST.get(name, 0)) for name in ("units", "pause_ms", "within_ms")}
    made = []
    with transaction.atomic():
        for number in range(int(request.POST.get("times", 1))):
            made.append(Order.objects.create(slot=f"{request.POST['slot']}-{number}", **numbers))
            time.sleep(int(request.POST.get("linger_ms", 0)) / 1000)
            ask("torture.count", slot=made[-1].slot, subject=made[-1].pk)
    return HttpResponse(" ".join(str(one.pk) for one in made))


@csrf_exempt
@login_not_required
@require_POST
def edition(request: HttpRequest) -> HttpResponse:
    """Publish the register, and answer with the number of the row."""
    return HttpResponse(str(publish(Register.objects.get(), actor=None, at=timezone.now()).pk))
