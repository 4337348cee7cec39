"""A view and a task that fail while they hold secrets; used by test_canaries."""

from celery import shared_task
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from config.urls import urlpatterns as ours
from foundation.keys import vault
from foundation.keys.sealing import Place
from foundation.models import Register


def _sealed():
    register = Register.objects.get(slug="acme")
    return register.name, Place.of(register, "name")


@login_not_required
def reading(request):
    sealed, place = _sealed()
    opened = vault.open_secret(sealed, place=place)
    raise ValueError(f"It broke while {opened} was open.")


@login_not_required
def sealing(request):
    sealed, place = _sealed()
    vault.seal_text(vault.open_text(sealed, place=place), key=None, place=place)


@shared_task(name="tests.fails")
def fails():
    sealed, place = _sealed()
    opened = vault.open_text(sealed, place=place)
    raise ValueError("It broke." if opened else "")


urlpatterns = [path("reading", reading), path("sealing", sealing), *ours]
