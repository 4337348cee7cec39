"""Which steps carry out the action at the end of a rule, and where a person has to choose (pure)."""

from dataclasses import dataclass

from retention.due import Decisions, Rule
from retention.mapping import Step

# Erased for good, but for what honours an objection: an erasure too.
ERASING = frozenset({Step.ERASE, Step.SUPPRESSION_LIST})
# The operational services lose the data; the promise is not kept by it where the text says erase.
MOVING = frozenset({Step.LIMIT_ACCESS, Step.ARCHIVE})

_FINAL: dict[str, frozenset[Step]] = {
    "erase": ERASING,
    "destroy": ERASING,
    "anonymise": frozenset({Step.ANONYMISE}),
    "erase_or_anonymise": ERASING | {Step.ANONYMISE},
    "erase_or_return": ERASING | {Step.RETURN_THEN_DESTROY},
    "return": frozenset({Step.RETURN_THEN_DESTROY}),
    "return_then_destroy": frozenset({Step.RETURN_THEN_DESTROY}),
    "change_state": MOVING,
    "": ERASING | {Step.ANONYMISE},  # nothing said: the data may no longer identify anyone (art. 5(1)(e))
}
_CHOICES = {"erase_or_anonymise", "erase_or_return", ""}
_CHOSEN: dict[str, frozenset[Step]] = {
    "erase": ERASING,
    "anonymise": frozenset({Step.ANONYMISE}),
    "return": frozenset({Step.RETURN_THEN_DESTROY}),
}


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that keep the promise. Where `must_choose`, none may run before a person has recorded a choice."""

    allowed: frozenset[Step]
    must_choose: bool = False


def steps(rule: Rule, decisions: Decisions) -> Steps:
    """Return the steps that keep what a rule promises; a recorded choice narrows them where the text leaves one.

    What is handed back is then destroyed, copies too (art. 28(3)(g)), once a person has confirmed the return.
    """
    allowed = _FINAL[rule.action]
    if rule.action not in _CHOICES:
        return Steps(allowed)
    chosen = _CHOSEN.get(decisions.fate.get(rule.ref, ""), frozenset()) & allowed
    return Steps(chosen or allowed, must_choose=not chosen)


def may_run(step: Step, rule: Rule, decisions: Decisions) -> bool:
    """Whether a target of this rule may take this step: it keeps the promise, or only limits access meanwhile."""
    found = steps(rule, decisions)
    return step in MOVING or (step in found.allowed and not found.must_choose)
