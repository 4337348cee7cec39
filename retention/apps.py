from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "retention"
    verbose_name = _("Retention")

    def ready(self) -> None:
        from foundation.keys.columns import sealed_column
        from retention.models import Batch, DataSource, LegalHold, Run

        sealed_column(DataSource, "url")
        sealed_column(LegalHold, "person")
        sealed_column(LegalHold, "record_key")
        sealed_column(Run, "sealed_key")
        sealed_column(Run, "sealed_last")
        sealed_column(Batch, "sealed_keys")
