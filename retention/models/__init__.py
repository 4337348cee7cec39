from retention.models.decisions import Decision, LegalHold, NotExecutable, RetentionSettings
from retention.models.rules import RetentionException, RetentionRule, StartEvent, StartEventKind
from retention.models.runs import Arming, Batch, ErasureList, Preview, Run
from retention.models.sources import DataSource
from retention.models.targets import Target, TargetChild, TargetColumn, TargetEvent

__all__ = [
    "Arming",
    "Batch",
    "DataSource",
    "Decision",
    "ErasureList",
    "LegalHold",
    "NotExecutable",
    "Preview",
    "RetentionException",
    "RetentionRule",
    "RetentionSettings",
    "Run",
    "StartEvent",
    "StartEventKind",
    "Target",
    "TargetChild",
    "TargetColumn",
    "TargetEvent",
]
