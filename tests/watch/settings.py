"""The settings of production, with the addresses and tasks of tests/watch, and static files by their plain names."""

from config.settings import *  # noqa: F403
from config.settings import STORAGES

ROOT_URLCONF = "tests.watch.urls"
CELERY_IMPORTS = ["tests.watch.tasks"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
