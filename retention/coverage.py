"""Which data are covered by which rule, in which state and for which purpose, and where there is a hole (pure).

Art. 5(1)(e), 13(2)(a), 30(1)(f): a datum that no period covers is kept without end; it is shown, never erased.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from retention.due import Rule, says_a_period, why_undated
from retention.rivals import Place, applies


class Covered(StrEnum):
    """What a cell of the matrix says; the values are stable, never shown."""

    DATED = "dated"  # a rule gives a date once its event is recorded
    ELSEWHERE = "elsewhere"  # a period, but set by another document, by law, by type, or without a start event
    PURPOSE_OVER = "purpose_over"  # kept under a rule, for other purposes only
    HOLE = "hole"  # no period: nothing at all, or a criterion


@dataclass(frozen=True, slots=True)
class Datum:
    """A kind of data of an activity, and the states of the people it is about; empty: any state."""

    ref: str
    activity: str
    states: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PurposeOf:
    """A purpose and its activity."""

    ref: str
    activity: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One datum, in one state, for one purpose. `rules` cover it; `beside` say no period."""

    state: str
    datum: str
    activity: str
    purpose: str
    covered: Covered
    rules: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def coverage(
    rules: Iterable[Rule], *, states: Sequence[str], data: Sequence[Datum], purposes: Sequence[PurposeOf]
) -> tuple[Cell, ...]:
    """Return the matrix of states, data and purposes, in the order given.

    A datum meets the states of its people, the purposes of its activity, and those that a rule over it names. Without
    states or without purposes there is one cell under an empty name.
    """
    known = tuple(rules)
    return tuple(
        cell
        for datum in data
        for state in (each for each in states or [""] if not datum.states or each in datum.states)
        for cell in _cells(known, state, datum, purposes)
    )


def holes(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Return the cells that no period covers."""
    return tuple(cell for cell in cells if cell.covered is Covered.HOLE)


def _cells(rules: Sequence[Rule], state: str, datum: Datum, purposes: Sequence[PurposeOf]) -> list[Cell]:
    here = [rule for rule in rules if applies(rule, Place(state, datum.activity, datum.ref))]
    covering = [rule for rule in here if says_a_period(rule)]
    beside = tuple(rule.ref for rule in here if not says_a_period(rule))
    named = {name for rule in covering for name in rule.purposes}
    concerned = [each.ref for each in purposes if each.activity == datum.activity or each.ref in named]
    return [
        Cell(state, datum.ref, datum.activity, purpose, *_covered(covering, purpose), beside)
        for purpose in concerned or [""]
    ]


def _covered(covering: Sequence[Rule], purpose: str) -> tuple[Covered, tuple[str, ...]]:
    names = tuple(rule.ref for rule in covering)
    if not covering:
        return Covered.HOLE, ()
    allowing = [rule for rule in covering if not rule.purposes or not purpose or purpose in rule.purposes]
    if not allowing:
        return Covered.PURPOSE_OVER, names
    is_dated = any(not why_undated(rule) for rule in allowing)
    return Covered.DATED if is_dated else Covered.ELSEWHERE, tuple(rule.ref for rule in allowing)
