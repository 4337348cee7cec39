"""What a privacy notice must say and the register does not: a list for the DPO, nothing invented (art. 13, 14)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from documents.book import Entry
from documents.cells import Cell
from documents.registers import Sheet
from processors.models import Transfer
from register.models import Answer, Contact, DataItem, Mark, Right
from register.models.grounds import Basis

ALWAYS_DUE = (Right.Kind.ACCESS, Right.Kind.RECTIFICATION, Right.Kind.ERASURE, Right.Kind.RESTRICTION)
OBJECTION_BASES = {Basis.LEGITIMATE_INTERESTS, Basis.PUBLIC_TASK}
PORTABILITY_BASES = {Basis.CONSENT, Basis.CONTRACT}
NO_TRANSFER = {Transfer.Destination.NONE_DECLARED, Transfer.Destination.ZONES, Transfer.Destination.REGION}


@dataclass(frozen=True)
class Lack:
    """One item that is missing, the article that asks for it, and the activities for which it is missing."""

    item: str
    article: str
    activities: tuple[str, ...] = ()


def facts(record: Mapping[str, Any], joint: Sequence[Sheet], *, on: str) -> dict[str, Any]:
    """Return the items that must be said, those to be said if the case arises, and what the policy contradicts."""
    sheets: list[Sheet] = record["sheets"]
    return {
        "missing": [
            *_about_the_controller(record["keepers"]),
            *_about_activities(sheets, joint),
            *_ended(sheets, on),
            *_about_rights(record),
        ],
        "if_any": _if_any(sheets, record["keepers"]),
        "contradicted": _contradicted(sheets),
    }


def _about_the_controller(keepers: Sequence[Entry]) -> Iterable[Lack]:
    if not keepers or not all(keeper.row.get("name") for keeper in keepers):
        yield Lack(_("identity of the controller"), "13(1)(a), 14(1)(a)")
    if not all(keeper.row.get("contacts") or keeper.row.get("addresses") for keeper in keepers):
        yield Lack(_("contact details of the controller"), "13(1)(a), 14(1)(a)")


def _about_activities(sheets: Sequence[Sheet], joint: Sequence[Sheet]) -> Iterable[Lack]:
    tests: list[tuple[str, str, Callable[[Sheet], bool]]] = [
        (_("purposes"), "13(1)(c), 14(1)(c)", lambda sheet: not sheet.purposes),
        (_("legal basis of each purpose"), "13(1)(c), 14(1)(c)", _lacks_a_basis),
        (_("legitimate interests pursued"), "13(1)(d), 14(2)(b)", _lacks_an_interest),
        (_("categories of data"), "14(1)(d)", lambda sheet: not sheet.activity.row.get("data_items")),
        (_("source of the data, and whether it is publicly accessible"), "14(2)(f)", _lacks_a_source),
        (_("safeguards of the transfer and how to obtain a copy"), "13(1)(f), 14(1)(f)", _lacks_a_safeguard),
        (_("retention period, or the criteria that determine it"), "13(2)(a), 14(2)(a)", _lacks_a_period),
        (_("which data must be given, and the consequences of not giving them"), "13(2)(e)", _lacks_obligation),
        (
            _("essence of the arrangement between joint controllers"),
            "26(2)",
            lambda s: s in joint and not s.activity.row.get("joint_arrangement"),
        ),
    ]
    for item, article, lacks in tests:
        if refs := tuple(sheet.activity.ref for sheet in sheets if lacks(sheet)):
            yield Lack(item, article, refs)


def has_ended(transfer: Entry, on: str) -> bool:
    """Whether the safeguard of a transfer held no more on a day (art. 44)."""
    return bool(transfer.row.get("safeguard_valid_until")) and str(transfer.row["safeguard_valid_until"]) < on


def _ended(sheets: Sequence[Sheet], on: str) -> Iterable[Lack]:
    refs: dict[str, list[str]] = {}
    for sheet in sheets:
        for row in (*sheet.own["transfers"], *sheet.common["transfers"]):
            if has_ended(row, on):
                refs.setdefault(row.cells["safeguard_valid_until"].text, []).append(sheet.activity.ref)
    for day, activities in refs.items():
        yield Lack(
            _("a safeguard for the transfer: the one of the policy held until %(day)s") % {"day": day},
            "13(1)(f), 14(1)(f), 44",
            tuple(dict.fromkeys(activities)),
        )


def _about_rights(record: Mapping[str, Any]) -> Iterable[Lack]:
    granted = {entry.row["kind"] for entry in record["rights"]}
    bases = {row.row["basis"] for sheet in record["sheets"] for row in sheet.activity.rows["legal_bases"]}
    due = [kind for kind in ALWAYS_DUE if kind not in granted]
    if (not bases or bases & OBJECTION_BASES) and Right.Kind.OBJECTION not in granted:
        due.append(Right.Kind.OBJECTION)
    if (not bases or bases & PORTABILITY_BASES) and Right.Kind.PORTABILITY not in granted:
        due.append(Right.Kind.PORTABILITY)
    for kind in due:
        yield Lack(_("right: %(right)s") % {"right": Right.Kind(kind).label}, "13(2)(b), 14(2)(c)")
    if (
        Basis.CONSENT in bases
        and Right.Kind.WITHDRAWAL not in granted
        and not any(entry.row.get("withdrawal") for entry in record["consents"])
    ):
        yield Lack(_("right to withdraw consent at any time"), "13(2)(c), 14(2)(d)")
    if Right.Kind.AUTHORITY_COMPLAINT not in granted:
        yield Lack(_("right to lodge a complaint with a supervisory authority"), "13(2)(d), 14(2)(e)")
    if Right.Kind.POST_MORTEM not in granted:
        yield Lack(_("directives after death"), _("French act, art. 85"))


def _if_any(sheets: Sequence[Sheet], keepers: Sequence[Entry]) -> list[Lack]:
    """Return what must be said if it exists, where the register does not say whether it does."""
    lacks = []
    officers = [
        contact
        for keeper in keepers
        for contact in keeper.rows["contacts"]
        if contact.row["function"] == Contact.Function.DPO
    ]
    if not officers and not all(_is_settled(keeper.cells["data_protection_officer"]) for keeper in keepers):
        lacks.append(Lack(_("contact details of the data protection officer"), "13(1)(b), 14(1)(b)"))
    if not all(_is_settled(keeper.cells["union_representative"]) for keeper in keepers):
        lacks.append(
            Lack(_("representative in the Union of a controller established outside it"), "13(1)(a), 14(1)(a)")
        )
    tests: list[tuple[str, str, Callable[[Sheet], bool]]] = [
        (_("recipients or categories of recipients"), "13(1)(e), 14(1)(e)", _lacks_recipients),
        (_("transfers to third countries"), "13(1)(f), 14(1)(f)", _lacks_transfers),
        (_("automated decisions: logic, significance and consequences"), "13(2)(f), 14(2)(g)", _lacks_decisions),
    ]
    for item, article, unknown in tests:
        if refs := tuple(sheet.activity.ref for sheet in sheets if unknown(sheet)):
            lacks.append(Lack(item, article, refs))
    return lacks


def _is_settled(cell: Cell) -> bool:
    """Whether there is a value, or the declaration that there is none."""
    return bool(cell.parts) or cell.answer == Answer.Kind.DECLARED_NONE


def _lacks_a_basis(sheet: Sheet) -> bool:
    return not sheet.activity.row.get("legal_bases")


def _lacks_an_interest(sheet: Sheet) -> bool:
    return any(
        row.row["basis"] == Basis.LEGITIMATE_INTERESTS and not row.row.get("interest")
        for row in sheet.activity.rows["legal_bases"]
    )


def _lacks_a_source(sheet: Sheet) -> bool:
    return any(
        row.row.get("source") == DataItem.Source.THIRD_PARTY and row.row.get("is_publicly_accessible") is None
        for row in sheet.activity.rows["data_items"]
    )


def _lacks_a_safeguard(sheet: Sheet) -> bool:
    return any(
        row.row["destination_kind"] not in NO_TRANSFER and not row.row.get("safeguard")
        for row in (*sheet.own["transfers"], *sheet.common["transfers"])
    )


def _lacks_a_period(sheet: Sheet) -> bool:
    return not any(rule.duration.parts for rule in sheet.rules)


def _lacks_obligation(sheet: Sheet) -> bool:
    given = [row for row in sheet.activity.rows["data_items"] if row.row.get("source") == DataItem.Source.SUBJECT]
    return any(
        not row.row.get("mandatory")
        or (row.row["mandatory"] == DataItem.Mandatory.MANDATORY and not row.row.get("consequence"))
        for row in given
    )


def _lacks_recipients(sheet: Sheet) -> bool:
    rows = sheet.activity.row.get("recipients") or sheet.own["engagements"] or sheet.common["engagements"]
    return not rows and not _is_settled(sheet.activity.cells["recipients"])


def _lacks_transfers(sheet: Sheet) -> bool:
    rows = sheet.own["transfers"] or sheet.common["transfers"]
    return not rows and not _is_settled(sheet.activity.cells["transfers"])


def _lacks_decisions(sheet: Sheet) -> bool:
    return not _is_settled(sheet.activity.cells["automated_decisions"])


def _contradicted(sheets: Sequence[Sheet]) -> list[Lack]:
    """Return the fields and lists that the policy contradicts: to be settled before publication."""
    refs: dict[str, list[str]] = {}
    for sheet in sheets:
        names = [name for name, kinds in sheet.activity.row.get("marks", {}).items() if Mark.Kind.DISPUTED in kinds]
        if any(_is_disputed(row) for row in (*sheet.own["transfers"], *sheet.common["transfers"])):
            names.append("transfers")
        if any(_is_disputed(rule.entry) for rule in sheet.rules):
            names.append("retention_rules")
        for name in dict.fromkeys(names):
            refs.setdefault(sheet.activity.cells[name].label, []).append(sheet.activity.ref)
    return [Lack(label, "", tuple(activities)) for label, activities in refs.items()]


def _is_disputed(row: Entry) -> bool:
    return any(Mark.Kind.DISPUTED in kinds for kinds in row.row.get("marks", {}).values())
