from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "retention"
    verbose_name = _("Retention")

    def ready(self) -> None:
        from django.db.models import Q

        from foundation.evidence.agreement import must_agree
        from foundation.evidence.models import Event
        from foundation.keys.columns import sealed_column
        from retention.models import Batch, DataSource, LegalHold, Run

        sealed_column(DataSource, "url")
        sealed_column(LegalHold, "person")
        sealed_column(LegalHold, "record_key")
        sealed_column(Run, "sealed_key")
        sealed_column(Run, "sealed_last")
        sealed_column(Batch, "sealed_keys")
        must_agree(
            Event.Verb.BATCH_DONE,
            Batch,
            columns={
                "root": "root",
                "rows_erased": "erased",
                "rows_treated": "treated",
                "rows_kept": "kept",
                "rows_locked": "locked",
            },
            proved=Q(state="done"),
        )
