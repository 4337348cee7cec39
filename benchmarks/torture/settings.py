"""The application as it is in production, with one more app: work to be done whose every effect can be counted."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.torture.ground"]
ROOT_URLCONF = "benchmarks.torture.ground.urls"
# no static file is collected for the torture
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
