"""The bell: Celery wakes work whose truth is a row in PostgreSQL."""

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("greffier")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def set_schedule(sender: Celery, **_: object) -> None:
    """Ring once per tick whatever is due or was left undone."""
    from django.conf import settings

    tick = {"task": "jobs.tick", "schedule": settings.TICK_SECONDS, "options": {"expires": settings.TICK_SECONDS}}
    sender.conf.beat_schedule = {"tick": tick}


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Keep Celery from setting up logging of its own: its lines would hold what failed tasks were given."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
def refuse_master_keys_that_do_not_fit(**_: object) -> None:
    """End the worker before it takes work."""
    from django.core.exceptions import ImproperlyConfigured

    from foundation.keys.starting import require_fitting_keys

    try:
        require_fitting_keys()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None  # of a signal, Celery passes nothing else on
