from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubjectsConfig(AppConfig):
    name = "subjects"
    verbose_name = _("People")

    def ready(self) -> None:
        from foundation.keys.columns import sealed_column
        from retention import exclusions, grounds
        from retention.models import DataSource
        from subjects import holding, own
        from subjects.grounds.own import OwnGround
        from subjects.grounds.records import RecordsGround
        from subjects.models import RecordImport, RightsRequest, SubjectRecord

        sealed_column(SubjectRecord, "personal")
        sealed_column(RecordImport, "content")
        sealed_column(RightsRequest, "identity")
        grounds.declare(DataSource.Kind.RECORDS, RecordsGround)
        grounds.declare(DataSource.Kind.OWN, OwnGround)
        own.declare_all()
        exclusions.declare_holding(holding.holding)
