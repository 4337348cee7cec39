"""Processors: engagements and their terms (art. 28), transfers (art. 44-49), service levels and backups (art. 32)."""

from processors.models.engagements import Authorisation, Certification, ContractTerm, DataLocation, Engagement
from processors.models.services import Backup, OpeningHours, ServiceCalendar, ServiceLevel
from processors.models.transfers import Transfer

__all__ = [
    "Authorisation",
    "Backup",
    "Certification",
    "ContractTerm",
    "DataLocation",
    "Engagement",
    "OpeningHours",
    "ServiceCalendar",
    "ServiceLevel",
    "Transfer",
]
