from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditionsConfig(AppConfig):
    name = "editions"
    verbose_name = _("Editions")

    def ready(self) -> None:
        from editions.models import Edition
        from foundation.evidence.agreement import must_agree
        from foundation.evidence.models import Event

        must_agree(
            Event.Verb.PUBLISHED,
            Edition,
            columns={"number": "number", "hash": "hash", "form_version": "form_version"},
            digests={"canonical": "hash"},
        )
