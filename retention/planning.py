"""What a target may do on a day: its rule, the decisions about it, the law, other rules and holds, as one value."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from foundation.accounts.models import Register
from retention.due import CutOff, Decisions, Rule, Status, cut_off
from retention.exceptions import exceptions_of
from retention.exclusions import exclusions_of, rules_held
from retention.ground import Cover, Work
from retention.mapped import mapping_of
from retention.mapping import Law, Step, TableMapping
from retention.models import NotExecutable, Run, Target
from retention.reading import decisions_of, rules_of
from retention.rivals import cut_off_among, prevailing
from retention.same_rows import targets_of_the_same_table
from retention.settled import fiscal_year_ends, settings_of
from retention.statutory import latest_free_day
from retention.steps import may_run, steps
from retention.versions import version_at, version_of

DESTROYING: Final = frozenset(Step) - {Step.LIMIT_ACCESS, Step.ARCHIVE}
BLOCKED_BY: Final = {Status.UNDECIDED: Run.Why.UNDECIDED, Status.CONFLICT: Run.Why.CONFLICT}


@dataclass(frozen=True, slots=True)
class Blocked:
    """Nothing may run, and why."""

    why: Run.Why


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be done, and the versions of the rule and the mapping that say so."""

    rule_version: str
    mapping_version: str
    mapping: TableMapping
    outcome: Work | Blocked


@dataclass(frozen=True, slots=True)
class _Reading:
    """The rules and decisions of a register, read once."""

    rules: tuple[Rule, ...]
    decisions: Decisions

    def rule(self, ref: str) -> Rule:
        return next(rule for rule in self.rules if rule.ref == ref)


def work_of(target: Target, *, as_of: date, secret: bytes = b"") -> Work | Blocked:
    """Return all that a pass over the target needs on a day, or why nothing may run."""
    return plan_of(target, as_of=as_of, secret=secret).outcome


def plan_of(target: Target, *, as_of: date, secret: bytes = b"") -> Plan:
    """Return what a target may do on a day, with the versions that it rests on."""
    reading = _Reading(tuple(rules_of(target.register)), decisions_of(target.register))
    mapping = mapping_of(target)
    covers = tuple(_covers(target, mapping, reading, as_of))
    return Plan(
        rule_version=_version(target, mapping, reading, covers),
        mapping_version=mapping_version(target, mapping),
        mapping=mapping,
        outcome=_outcome(target, mapping, reading, covers, as_of=as_of, secret=secret),
    )


def mapping_version(target: Target, mapping: TableMapping) -> str:
    """Return the version of what a mapping says and of where it says it: another database is another mapping."""
    return version_at(mapping, source=target.source_id, place=target.source.place)


def _version(target: Target, mapping: TableMapping, reading: _Reading, covers: tuple[Cover, ...]) -> str:
    register = target.register
    return version_of(
        reading.rule(target.rule.ref),
        reading.decisions,
        covers=[(cover, reading.rule(cover.rule)) for cover in covers],
        exceptions=exceptions_of(target).values_list("pk", "ground", "ends_with", "reference"),
        zone=register.time_zone,
        fiscal_year_ends=fiscal_year_ends(settings_of(register)) if _laws(mapping, covers) else None,
    )


def _outcome(
    target: Target,
    mapping: TableMapping,
    reading: _Reading,
    covers: tuple[Cover, ...],
    *,
    as_of: date,
    secret: bytes,
) -> Work | Blocked:
    found = _cut_off(target, reading, as_of)
    if isinstance(found, Blocked):
        return found
    if _wants_visa(target, mapping):
        return Blocked(Run.Why.VISA)
    exclusions = exclusions_of(target, on=as_of)
    if exclusions.everything:
        return Blocked(Run.Why.HELD)
    held = rules_held(target.register, on=as_of)
    return Work(
        mapping=mapping,
        cut_off=found,
        law=free_days(target.register, mapping, as_of, covers=covers),
        covers=tuple(_covers(target, mapping, reading, as_of, held=held)) if held else covers,
        exclusions=exclusions,
        secret=secret,
    )


def _cut_off(target: Target, reading: _Reading, as_of: date) -> CutOff | Blocked:
    if NotExecutable.objects.filter(rule=target.rule_id).exists():
        return Blocked(Run.Why.NOT_EXECUTABLE)
    rule = reading.rule(target.rule.ref)
    found = cut_off_among(rule, reading.rules, reading.decisions, as_of=as_of)
    if isinstance(found, Status):
        return Blocked(BLOCKED_BY.get(found, Run.Why.NOT_EXECUTABLE))
    if not may_run(Step(target.step), rule, reading.decisions):
        must_choose = steps(rule, reading.decisions).must_choose
        return Blocked(Run.Why.UNDECIDED if must_choose else Run.Why.REFUSED)
    return found


def _wants_visa(target: Target, mapping: TableMapping) -> bool:
    is_public = target.holds_public_archives or settings_of(target.register).is_public_body
    return is_public and mapping.step in DESTROYING and not target.visa_reference.strip()


def free_days(
    register: Register, mapping: TableMapping, as_of: date, *, covers: Iterable[Cover] = ()
) -> dict[str, date | None]:
    """Return, by statutory domain of the mapping and the covers, the latest document day that the law lets go."""
    ends = fiscal_year_ends(settings_of(register))
    return {law.domain: latest_free_day(law.domain, as_of, ends) for law in _laws(mapping, covers)}


def _laws(mapping: TableMapping, covers: Iterable[Cover]) -> list[Law]:
    laws = [mapping.law, *(column.law for column in mapping.columns), *(cover.law for cover in covers)]
    for child in mapping.children:
        laws += [child.law, *(column.law for column in child.columns)]
    return [law for law in laws if law]


# -- other rules over the same rows -----------------------------------------------------------------------------------


def _covers(
    target: Target, mapping: TableMapping, reading: _Reading, as_of: date, *, held: frozenset[str] = frozenset()
) -> Iterator[Cover]:
    """Yield what other rules keep of these rows; those held, for all of them. Limiting access takes nothing."""
    if mapping.step is Step.LIMIT_ACCESS:
        return
    rule = reading.rule(target.rule.ref)
    others = list(_others(target))
    if mapping.step is not Step.ARCHIVE:  # an archive keeps what the law orders to keep
        for other in others:
            yield from _laws_said_by(mapping_of(other), other.rule.ref, mapping)
    for other in others:
        is_held = other.rule.ref in held
        if frozenset({rule.ref, other.rule.ref}) in reading.decisions.both and not is_held:
            continue  # either lets the data go
        if rule.ref not in _refs(prevailing(reading.rule(other.rule.ref), reading.rules, reading.decisions)):
            cover = _cover_of(other, reading, as_of)
            yield replace(cover, cut_off=None) if is_held else cover
    bound = {other.rule.ref for other in others}
    for above in prevailing(rule, reading.rules, reading.decisions):
        if above.ref not in bound:
            cover = _cover_without_target(above, mapping, reading.decisions, as_of)
            yield replace(cover, cut_off=None) if above.ref in held else cover


def _others(target: Target) -> Iterable[Target]:
    return targets_of_the_same_table(target).exclude(rule=target.rule_id).with_mapping().order_by("pk")


def _laws_said_by(other: TableMapping, rule: str, own: TableMapping) -> Iterator[Cover]:
    """Yield what the law keeps of these rows by another mapping of their table, and not by this one."""
    whole = [(frozenset[str](), other.law)] if other.law != own.law else []
    known = {(column.name, column.law) for column in own.columns}
    columns = [(frozenset({each.name}), each.law) for each in other.columns if (each.name, each.law) not in known]
    for names, law in [*whole, *columns]:
        if law is not None:
            yield Cover(rule, names, None, {}, other.state_column, other.state_values, law)


def _cover_of(other: Target, reading: _Reading, as_of: date) -> Cover:
    """A rule that erases the row keeps all of it until then; one that treats columns keeps these."""
    mapping, found = mapping_of(other), _cut_off(other, reading, as_of)
    takes_columns = mapping.step in {Step.ANONYMISE, Step.SUPPRESSION_LIST}
    return Cover(
        rule=other.rule.ref,
        columns=frozenset(column.name for column in mapping.columns) if takes_columns else frozenset(),
        cut_off=found if isinstance(found, CutOff) else None,
        events=mapping.events,
        state_column=mapping.state_column,
        state_values=mapping.state_values,
    )


def _cover_without_target(above: Rule, mapping: TableMapping, decisions: Decisions, as_of: date) -> Cover:
    """A rule that prevails keeps the rows too; where its events have no column here, it is never seen to be over."""
    found = cut_off(above, decisions, as_of=as_of)
    is_dated = isinstance(found, CutOff) and set(found.events) <= set(mapping.events)
    return Cover(
        rule=above.ref,
        columns=frozenset(),
        cut_off=found if isinstance(found, CutOff) and is_dated else None,
        events={event: column for event, column in mapping.events.items() if event in above.events},
        state_column=mapping.state_column if above.state else "",
        state_values=mapping.state_values if above.state else (),
    )


def _refs(rules: Iterable[Rule]) -> set[str]:
    return {rule.ref for rule in rules}
