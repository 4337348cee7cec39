"""The register: policies and statements, parties, processing activities and what describes them (art. 30, 13, 14)."""

from register.models.activities import CollectionEvent, Participation, ProcessingActivity, Purpose
from register.models.entries import Answer, Citation, Mark
from register.models.grounds import Consent, LegalBasis, LegalBasisClaim
from register.models.measures import Measure
from register.models.parties import Address, Contact, Organisation
from register.models.people import DataItem, Recipient, RelationshipState, SubjectGroup
from register.models.policies import LinkedDocument, Policy, PolicyText, PolicyVersion, Statement
from register.models.rights import RequestProcedure, Right, RightsChannel
from register.models.trackers import Tracker

__all__ = [
    "Address",
    "Answer",
    "Citation",
    "CollectionEvent",
    "Consent",
    "Contact",
    "DataItem",
    "LegalBasis",
    "LegalBasisClaim",
    "LinkedDocument",
    "Mark",
    "Measure",
    "Organisation",
    "Participation",
    "Policy",
    "PolicyText",
    "PolicyVersion",
    "ProcessingActivity",
    "Purpose",
    "Recipient",
    "RelationshipState",
    "RequestProcedure",
    "Right",
    "RightsChannel",
    "Statement",
    "SubjectGroup",
    "Tracker",
]
