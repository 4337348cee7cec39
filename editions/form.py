"""The canonical form of a register: which sections it has, in which order, and what stands in each.

Fields, their order, choices and labels come from the models; this file says only how the sections nest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.rows import RegisterRow
from processors import models as processors
from register import models as register
from register.models.entries import Answer, Mark
from register.notable import notable, own_fields, parent_field
from retention import models as retention

VERSION = 1
NOTES = ("answers", "marks", "cites")


@dataclass(frozen=True)
class Section:
    """One list of the form: rows of one model, under one name."""

    name: str
    model: type[RegisterRow]
    children: tuple["Section", ...] = ()
    description: "str | Promise" = ""
    has_notes: bool = True

    @cached_property
    def parent(self) -> str:
        """The foreign key that points at the row it stands in; empty for a section of its own."""
        return parent_field(self.model)

    @cached_property
    def fields(self) -> tuple[Any, ...]:
        """The fields of a row, in the order of the form; lists of references come last."""
        return tuple(own_fields(self.model))

    @cached_property
    def notable(self) -> tuple[str, ...]:
        """The names on which an answer, a mark or a citation may be noted."""
        return tuple(notable(self.model))

    @property
    def keyed(self) -> bool:
        """Whether its rows carry a reference that others point at."""
        return any(field.name == "ref" for field in self.fields)

    def walk(self) -> Iterator["Section"]:
        yield self
        for child in self.children:
            yield from child.walk()


SECTIONS: tuple[Section, ...] = (
    Section(
        "organisations",
        register.Organisation,
        children=(
            Section("addresses", register.Address),
            Section("contacts", register.Contact),
            Section("certifications", processors.Certification),
        ),
        description=_("The parties: who they are, where, how to reach them (art. 30(1)(a), 30(2)(a))."),
    ),
    Section(
        "policies",
        register.Policy,
        children=(
            Section("linked_documents", register.LinkedDocument),
            Section(
                "versions",
                register.PolicyVersion,
                children=(Section("statements", register.Statement, has_notes=False),),
            ),
        ),
        description=_("The sources: every statement of each policy, with its place and the digest of its quote."),
    ),
    Section(
        "states",
        register.RelationshipState,
        description=_("States of the relationship with a person, on which retention depends."),
    ),
    Section(
        "activities",
        register.ProcessingActivity,
        children=(
            Section("parties", register.Participation),
            Section("purposes", register.Purpose),
            Section("legal_bases", register.LegalBasis),
            Section("collection_events", register.CollectionEvent),
            Section("subject_groups", register.SubjectGroup),
            Section("data_items", register.DataItem),
            Section("recipients", register.Recipient),
        ),
        description=_("The processing activities: as controller (art. 30(1)) or as processor (art. 30(2))."),
    ),
    Section(
        "legal_basis_claims",
        register.LegalBasisClaim,
        description=_("What the policy claims about legal bases without attaching them to a purpose (art. 6)."),
    ),
    Section("consents", register.Consent, description=_("How consent is asked for, proved and withdrawn (art. 7).")),
    Section("rights", register.Right, description=_("The rights the policy grants, with its conditions (art. 12-22).")),
    Section("rights_channels", register.RightsChannel, description=_("Where rights are exercised.")),
    Section(
        "request_procedures", register.RequestProcedure, description=_("How requests are handled (art. 12(3), 12(6)).")
    ),
    Section("measures", register.Measure, description=_("Security measures (art. 32, 30(1)(g), 30(2)(d)).")),
    Section("trackers", register.Tracker, description=_("Cookies and other trackers.")),
    Section(
        "engagements",
        processors.Engagement,
        children=(Section("locations", processors.DataLocation),),
        description=_("Who works for whom: the graph of processors (art. 28)."),
    ),
    Section(
        "authorisations",
        processors.Authorisation,
        description=_("Authorisations to engage other processors (art. 28(2))."),
    ),
    Section("contract_terms", processors.ContractTerm, description=_("Terms of the contracts (art. 28(3)).")),
    Section("transfers", processors.Transfer, description=_("Transfers and their safeguards (art. 44-49, 30(1)(e)).")),
    Section(
        "service_calendars",
        processors.ServiceCalendar,
        children=(Section("openings", processors.OpeningHours, has_notes=False),),
        description=_("Calendars in which business time is counted."),
    ),
    Section(
        "service_levels",
        processors.ServiceLevel,
        description=_("Commitments on availability and recovery (art. 32(1))."),
    ),
    Section("backups", processors.Backup, description=_("Backups: how often, how deep, where (art. 32(1)(c)).")),
    Section(
        "retention_rules",
        retention.RetentionRule,
        children=(Section("start_events", retention.StartEvent),),
        description=_("How long data are kept, from which event, and what happens then (art. 5(1)(e), 30(1)(f))."),
    ),
    Section(
        "retention_exceptions",
        retention.RetentionException,
        description=_("Why data may be kept longer than a rule says."),
    ),
)

ANSWER_KINDS = tuple(Answer.Kind.values)
MARK_KINDS = tuple(Mark.Kind.values)
REGISTER_FIELDS = ("slug", "name", "language", "time_zone")


def all_sections() -> Iterator[Section]:
    """Yield every section, outer before inner, in the order of the form."""
    for section in SECTIONS:
        yield from section.walk()


def section_of(model: type[models.Model]) -> Section:
    """Return the section whose rows are of this model."""
    return next(section for section in all_sections() if section.model is model)
