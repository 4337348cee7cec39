"""Checkpoints leave the house: whoever keeps one can tell later whether the past was written anew."""

from django.conf import settings
from django.utils.translation import gettext as _

from foundation.evidence import verifier
from foundation.evidence.models import Checkpoint
from foundation.mail.planning import plan


def plan_mails(number: int) -> None:
    """Plan one mail per witness with the text of a checkpoint, in the caller's transaction."""
    checkpoint = Checkpoint.objects.get(pk=number)
    plan(
        to=settings.WITNESSES,
        subject=_("Greffier: checkpoint %d of the evidence") % checkpoint.number,
        body=letter(checkpoint),
        slot=f"witness-{checkpoint.number}",
    )


def letter(checkpoint: Checkpoint) -> str:
    """Return what a witness is told: keep this; and the checkpoint, word for word."""
    introduction = _(
        "Please keep this message. The lines below seal everything recorded until now; they hold no personal data. "
        "If the evidence is ever doubted, they show whether it is still what it was (verify_evidence --against)."
    )
    return f"{introduction}\n\n{verifier.note(checkpoint.line)}"
