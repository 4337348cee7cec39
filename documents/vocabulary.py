"""The words of the documents that no model holds: kinds of answer, marks, events after “from” and “until”."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from register.models.entries import Answer, Mark
from retention.models import StartEventKind as Event

Phrase = str | Promise

ANSWERS: Final[dict[str, Phrase]] = {
    Answer.Kind.DECLARED_NONE: pgettext_lazy("answer in print", "none (declared)"),
    Answer.Kind.NOT_STATED: pgettext_lazy("answer in print", "not stated by the policy"),
    Answer.Kind.TO_BE_FILLED: pgettext_lazy("answer in print", "to be filled"),
}
ANSWERS_SHORT: Final[dict[str, Phrase]] = {  # in a column of a table
    Answer.Kind.DECLARED_NONE: pgettext_lazy("answer in print", "none (declared)"),
    Answer.Kind.NOT_STATED: pgettext_lazy("answer in print", "not stated"),
    Answer.Kind.TO_BE_FILLED: pgettext_lazy("answer in print", "to be filled"),
}
ANSWER_MEANINGS: Final[dict[str, Phrase]] = {
    Answer.Kind.DECLARED_NONE: _("the policy says that there is none"),
    Answer.Kind.NOT_STATED: _("the policy says nothing about it; nothing was added in its place"),
    Answer.Kind.TO_BE_FILLED: _("the register must still say it"),
}
MARKS: Final[dict[str, Phrase]] = {
    Mark.Kind.INFERRED: pgettext_lazy("mark in print", "inferred"),
    Mark.Kind.OPEN_LIST: pgettext_lazy("mark in print", "open list"),
    Mark.Kind.POSSIBLE: pgettext_lazy("mark in print", "possible"),
    Mark.Kind.DEFERRED: pgettext_lazy("mark in print", "deferred"),
    Mark.Kind.DISPUTED: pgettext_lazy("mark in print", "contradicted"),
}
MARK_MEANINGS: Final[dict[str, Phrase]] = {
    Mark.Kind.INFERRED: _("deduced by the reader, not written in the policy"),
    Mark.Kind.OPEN_LIST: _("the policy names examples only"),
    Mark.Kind.POSSIBLE: _("the policy says that it may be, not that it is"),
    Mark.Kind.DEFERRED: _("the policy leaves it to another document"),
    Mark.Kind.DISPUTED: _("the policy says something else in another place"),
}

# “counted from …”: in French the preposition is part of the phrase (“de la collecte”, “du paiement”)
COUNTED_FROM: Final[dict[str, Phrase]] = {
    Event.ACCOUNT_CREATION: pgettext_lazy("counted from", "the creation of the account"),
    Event.DATA_COLLECTION: pgettext_lazy("counted from", "the collection of the data"),
    Event.LAST_INBOUND_CONTACT: pgettext_lazy("counted from", "the last contact coming from the person"),
    Event.PAYMENT: pgettext_lazy("counted from", "the payment"),
    Event.SUBSCRIPTION_END: pgettext_lazy("counted from", "the end of the subscription"),
    Event.CONTRACT_END: pgettext_lazy("counted from", "the end of the contract"),
    Event.SERVICES_END: pgettext_lazy("counted from", "the end of the services"),
    Event.TERMINATION: pgettext_lazy("counted from", "the termination"),
    Event.UNSUBSCRIPTION: pgettext_lazy("counted from", "the unsubscription"),
    Event.DISPUTE_RESOLVED: pgettext_lazy("counted from", "the resolution of the dispute"),
    Event.ACCOUNT_DELETION: pgettext_lazy("counted from", "the deletion of the personal space"),
    Event.CONTROLLER_REQUEST: pgettext_lazy("counted from", "the express request of the controller"),
    Event.DEFINITIVE_END: pgettext_lazy("counted from", "the definitive end of operation by the controller"),
    Event.TRACKER_DEPOSIT: pgettext_lazy("counted from", "the deposit of the tracker"),
    Event.NO_LONGER_USEFUL: pgettext_lazy("counted from", "the moment when the identifying form is no longer useful"),
}
# “until …”: in French “à la fin de l’abonnement”, “au paiement”
UNTIL: Final[dict[str, Phrase]] = {
    Event.ACCOUNT_CREATION: pgettext_lazy("until", "the creation of the account"),
    Event.DATA_COLLECTION: pgettext_lazy("until", "the collection of the data"),
    Event.LAST_INBOUND_CONTACT: pgettext_lazy("until", "the last contact coming from the person"),
    Event.PAYMENT: pgettext_lazy("until", "the payment"),
    Event.SUBSCRIPTION_END: pgettext_lazy("until", "the end of the subscription"),
    Event.CONTRACT_END: pgettext_lazy("until", "the end of the contract"),
    Event.SERVICES_END: pgettext_lazy("until", "the end of the services"),
    Event.TERMINATION: pgettext_lazy("until", "the termination"),
    Event.UNSUBSCRIPTION: pgettext_lazy("until", "the unsubscription"),
    Event.DISPUTE_RESOLVED: pgettext_lazy("until", "the resolution of the dispute"),
    Event.ACCOUNT_DELETION: pgettext_lazy("until", "the deletion of the personal space"),
    Event.CONTROLLER_REQUEST: pgettext_lazy("until", "the express request of the controller"),
    Event.DEFINITIVE_END: pgettext_lazy("until", "the definitive end of operation by the controller"),
    Event.TRACKER_DEPOSIT: pgettext_lazy("until", "the deposit of the tracker"),
    Event.NO_LONGER_USEFUL: pgettext_lazy("until", "the moment when the identifying form is no longer useful"),
}

# what a field is called in print, where its name in the forms speaks of codes
IN_PRINT: Final[dict[str, Phrase]] = {"country": _("country")}

# what an empty list says, where something is noted on it
EMPTY_MEANS: Final[dict[tuple[str, str], Phrase]] = {
    ("retention_rules", "purposes"): _("those of the activities"),
    ("retention_rules", "data_items"): _("all data of the activities"),
    ("retention_exceptions", "rules"): _("every rule"),
    ("rights_channels", "rights"): _("every right"),
}


def uncapitalised(text: str) -> str:
    """Return the text with a small first letter, the rest as it is."""
    return text[:1].lower() + text[1:]


def capitalised(text: str) -> str:
    """Return the text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]
