"""The privacy notice (art. 13, 14): what the register can say to the persons; `documents.lacking` holds the rest."""

from typing import Any

from django.utils.translation import gettext as _

from documents import lacking, registers
from documents.book import Book, Entry
from documents.registers import Sheet
from register.models import Answer, Contact, Participation, ProcessingActivity, Right, SubjectGroup

OBJECTION = {Right.Kind.OBJECTION, Right.Kind.MARKETING_OBJECTION}
TOLD = ("purposes", "legal_bases", "data_items", "recipients")
DENIED = Answer.Kind.DECLARED_NONE
JOINT = {Participation.Part.CONTROLLER, Participation.Part.JOINT_CONTROLLER}


def facts(book: Book, *, on: str) -> dict[str, Any]:
    """Return what the template of the notice prints, as of a day: what the organisation does as a controller."""
    record = registers.facts(book, ProcessingActivity.Role.CONTROLLER)
    rights = record["rights"]
    objection = [entry for entry in rights if entry.row["kind"] in OBJECTION]
    joint = [sheet for sheet in record["sheets"] if _is_joint(sheet.activity)]
    sentence = (
        "" if record["activities"] else _("The register holds no activity in which the organisation is the controller.")
    )
    return {
        **record,
        "sheets": [sheet for sheet in record["sheets"] if _is_told(sheet)],
        "title": _("Privacy notice"),
        "subtitle": _("Information of the data subjects, GDPR art. 13 and 14"),
        "keeper_label": _("Controller"),
        "sentence": sentence,
        "other_rights": [entry for entry in rights if entry not in objection],
        "objection": objection,
        "joint": [sheet for sheet in joint if sheet.activity.row.get("joint_arrangement")],
        "officers": [_officer(keeper) for keeper in record["keepers"]],
        "minors": [group for sheet in record["sheets"] for group in _minors(sheet)],
        "expired": [row for row in record["transfers"] if lacking.has_ended(row, on)],
        **(lacking.facts(record, joint, on=on) if record["activities"] else {}),
    }


def _is_told(sheet: Sheet) -> bool:
    """Whether there is anything to say about an activity; one without a word stands on the officer's page alone."""
    activity = sheet.activity
    lists = (*(activity.rows[name] for name in TOLD), sheet.own["engagements"], sheet.own["transfers"])
    has_words = any(lists) or any(rule.duration.parts for rule in sheet.rules)
    return has_words or bool(activity.row.get("automated_decisions") or activity.cells["recipients"].answer == DENIED)


def _is_joint(activity: Entry) -> bool:
    controllers = [party for party in activity.rows["parties"] if party.row["part"] in JOINT]
    return len(controllers) > 1 or any(
        party.row["part"] == Participation.Part.JOINT_CONTROLLER for party in controllers
    )


def _officer(keeper: Entry) -> dict[str, Any]:
    """Return how the data protection officer is reached; the name is not required (art. 13(1)(b))."""
    contacts = [contact for contact in keeper.rows["contacts"] if contact.row["function"] == Contact.Function.DPO]
    return {"keeper": keeper, "officer": keeper.cells["data_protection_officer"], "contacts": contacts}


def _minors(sheet: Sheet) -> list[Entry]:
    return [
        group
        for group in sheet.activity.rows["subject_groups"]
        if group.row["category"] == SubjectGroup.Category.MINORS or group.row.get("age_rule")
    ]
