from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    default = True
    name = "office"
    verbose_name = _("Office")


class OfficeAdmin(admin_apps.AdminConfig):
    """Django's admin, on our own site."""

    default = False
    default_site = "office.site.OfficeSite"
