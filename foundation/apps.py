from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class FoundationConfig(AppConfig):
    name = "foundation"
    verbose_name = "Greffier"

    def ready(self) -> None:
        from foundation.database import guards, privileges

        pre_migrate.connect(privileges.grant_by_default, sender=self)
        # once per migrate, after the last app has its tables
        post_migrate.connect(guards.install, dispatch_uid="foundation.guards")
        post_migrate.connect(privileges.withdraw, dispatch_uid="foundation.privileges")
