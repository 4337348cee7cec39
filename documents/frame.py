"""What surrounds the sheets of a record: its title, what it says about itself, the legend, the table of contents."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import annex, registers
from documents.book import Book
from documents.values import Words
from documents.vocabulary import ANSWER_MEANINGS, ANSWERS, MARK_MEANINGS, MARKS, capitalised


def of_record(book: Book, role: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that one record prints (art. 30(1), 30(2)); without an activity in its role it says so."""
    facts = registers.facts(book, role)
    sources = annex.sources(book, texts)
    context = {**facts, "sources": sources, "sentence": _sentence(facts), "is_whole": _is_whole(facts)}
    is_processor = facts["is_processor"]
    return {
        **context,
        "title": _("Record of processing activities"),
        "subtitle": _("Record of the processor, GDPR art. 30(2)")
        if is_processor
        else _("Record of the controller, GDPR art. 30(1)"),
        "keeper_label": _("Processor") if is_processor else _("Controller"),
        "legend": legend(sources) if context["is_whole"] else None,
        "summary": _summary(facts),
        "annex_summary": _annex_summary(sources),
        "contents": _contents(context),
    }


def legend(sources: list[annex.Source]) -> dict[str, Any]:
    """Return the words that stand where a value does not, and the marks, each with what it means."""
    answers = [{"kind": kind, "word": ANSWERS[kind], "meaning": ANSWER_MEANINGS[kind]} for kind in ANSWERS]
    marks = [{"word": MARKS[kind], "meaning": MARK_MEANINGS[kind]} for kind in MARKS]
    example = next((line.ref for source in sources for line in source.lines), "…")
    return {"answers": answers, "marks": marks, "example": example}


def _is_whole(facts: Mapping[str, Any]) -> bool:
    """Whether there is anything to print: the record of the controller also when the register is empty."""
    return bool(facts["activities"] or not (facts["other_activities"] or facts["is_processor"]))


def _sentence(facts: Mapping[str, Any]) -> str:
    if facts["activities"]:
        return ""
    if facts["is_processor"]:
        return _(
            "Nothing in the policy says that the organisation processes data on behalf of others: "
            "no processor activity is recorded."
        )
    if facts["other_activities"]:
        return _("The register holds no activity in which the organisation is the controller.")
    return ""


def _summary(facts: Mapping[str, Any]) -> str:
    number = len(facts["activities"])
    return ngettext("%(number)s processing activity", "%(number)s processing activities", number) % {"number": number}


def _annex_summary(sources: list[annex.Source]) -> str:
    cited = sum(len(source.cited) for source in sources)
    held = cited + sum(len(lines) for source in sources for _reason, lines in source.others)
    return _(
        "The register holds %(held)s statements of its sources. Fields of the register rest on %(cited)s of them; "
        "for the others the reason is given."
    ) % {"held": held, "cited": cited}


def _absent(facts: Mapping[str, Any]) -> set[str]:
    """Return the parts that the record does not have: art. 30(2) asks a processor for neither trackers nor rights."""
    rows: dict[str, tuple[str, ...]] = {"grounds": ("legal_basis_claims", "consents")}
    if facts["is_processor"]:
        rows |= {"trackers": ("trackers",), "rights": ("rights", "channels", "request_procedures")}
    return {part for part, names in rows.items() if not any(facts[name] for name in names)}


def _contents(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of the table of contents, with the activities under their part."""
    sheets = [
        {"anchor": entry.anchor, "title": Words(f"{entry.ref} {entry.title.text}", entry.title.lang)}
        for entry in facts["activities"]
    ]
    sources = [{"anchor": source.anchor, "title": source.policy.title} for source in facts["sources"]]
    parts = [
        ("parties", _("Parties"), []),
        ("activities", _("Processing activities"), sheets),
        ("processors", _("Processors and their chain"), []),
        ("transfers", _("Transfers outside the Union"), []),
        ("retention", _("Retention schedule"), []),
        ("trackers", _("Cookies and other trackers"), []),
        ("security", _("Security and continuity"), []),
        ("rights", _("Rights and channels"), []),
        ("grounds", _("Legal bases and consent"), []),
        ("annex", _("Annex: sources and statements"), sources),
    ]
    absent = _absent(facts)
    return [
        {"anchor": name, "title": capitalised(title), "under": under}
        for name, title, under in parts
        if name not in absent
    ]
