import sys

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate


class FoundationConfig(AppConfig):
    name = "foundation"
    verbose_name = "Greffier"

    def ready(self) -> None:
        from foundation.backup import occupancy
        from foundation.database import guards, privileges
        from foundation.doors.resealing import FACTOR_SECRETS
        from foundation.keys import checks as keys
        from foundation.keys import columns
        from foundation.keys import privileges as keys_privileges

        occupancy.enter(settings.VAR, to_restore=sys.argv[1:2] == ["restore"])
        pre_migrate.connect(privileges.grant_by_default, sender=self)
        # the signal is sent for each app that has models: heard for the last, these run once per migrate
        last = [app for app in apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(guards.install, sender=last, dispatch_uid="foundation.guards")
        post_migrate.connect(privileges.withdraw, sender=last, dispatch_uid="foundation.privileges")
        post_migrate.connect(keys_privileges.arrange, sender=last, dispatch_uid="foundation.keys")
        columns.sealed_field(FACTOR_SECRETS)
        checks.register(keys.a_master_key_is_given, checks.Tags.security, deploy=True)
        checks.register(keys.master_keys_fit, checks.Tags.database)
