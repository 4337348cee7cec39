from subjects.models.imports import RecordImport
from subjects.models.records import ContactEvent, Direction, EventKind, StateChange, SubjectRecord
from subjects.models.requests import RightsRequest

__all__ = [
    "ContactEvent",
    "Direction",
    "EventKind",
    "RecordImport",
    "RightsRequest",
    "StateChange",
    "SubjectRecord",
]
