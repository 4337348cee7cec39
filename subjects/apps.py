from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubjectsConfig(AppConfig):
    name = "subjects"
    verbose_name = _("People")

    def ready(self) -> None:
        from foundation.keys.columns import sealed_column
        from subjects.models import RecordImport, RightsRequest, SubjectRecord

        sealed_column(SubjectRecord, "personal")
        sealed_column(RecordImport, "content")
        sealed_column(RightsRequest, "identity")
