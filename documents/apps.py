from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from documents.models import Print
        from foundation.evidence.agreement import must_agree
        from foundation.evidence.models import Event

        must_agree(
            Event.Verb.PRINTED,
            Print,
            columns={
                "sha256": "sha256",
                "kind": "kind",
                "language": "language",
                "pages": "pages",
                "texts_hash": "texts_hash",
                "edition__hash": "edition_hash",
                "edition__number": "edition",
                "template_version": "template_version",
                "renderer_version": "renderer_version",
            },
            proved=~Q(sha256=""),
        )
