"""Coverage: which data are under which rule, in which state and for which purposes, and the holes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from foundation.models import Register
from office.retention.pages import chosen, page
from register.models import DataItem, ProcessingActivity, RelationshipState
from retention.coverage import Cell, Covered, Datum, PurposeOf, coverage, holes
from retention.reading import rules_of

WORST_FIRST = (Covered.HOLE, Covered.PURPOSE_OVER, Covered.ELSEWHERE, Covered.DATED)
WORDS = {
    Covered.HOLE: gettext_lazy("hole: no period"),
    Covered.PURPOSE_OVER: gettext_lazy("kept for other purposes only"),
    Covered.ELSEWHERE: gettext_lazy("a period that gives no date"),
    Covered.DATED: gettext_lazy("dated"),
}
MARKS = {Covered.HOLE: "late", Covered.PURPOSE_OVER: "warn", Covered.ELSEWHERE: "warn", Covered.DATED: "ok"}


@dataclass(frozen=True)
class Square:
    """One datum in one state: the worst that its purposes meet, and the rules."""

    covered: Covered
    rules: tuple[str, ...]
    beside: tuple[str, ...]
    purposes: tuple[str, ...]  # those that meet the worst, where not all do

    @property
    def words(self) -> str:
        return str(WORDS[self.covered])

    @property
    def mark(self) -> str:
        return MARKS[self.covered]


@dataclass(frozen=True)
class Row:
    item: DataItem
    squares: tuple[Square | None, ...]

    @property
    def has_hole(self) -> bool:
        return any(square is not None and square.covered is Covered.HOLE for square in self.squares)


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """The matrix of one register, by activity; `holes=1` leaves out the rows without one."""
    register, registers = chosen(request)
    activities = list(_activities(register))
    states = list(RelationshipState.objects.of(register))
    cells = coverage(
        rules_of(register),
        states=[state.ref for state in states],
        data=[datum for activity in activities for datum in _data(activity)],
        purposes=[PurposeOf(purpose.ref, one.ref) for one in activities for purpose in one.purposes.all()],
    )
    names = {purpose.ref: str(purpose) for activity in activities for purpose in activity.purposes.all()}
    by_place: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        by_place[cell.activity, cell.datum, cell.state].append(cell)
    only_holes = request.GET.get("holes") == "1"
    shown = []
    for activity in activities:
        rows = [
            Row(
                item,
                tuple(_square(by_place.get((activity.ref, item.ref, state), []), names) for state in _refs(states)),
            )
            for item in activity.data_items.all()
        ]
        rows = [row for row in rows if row.has_hole or not only_holes]
        if rows:
            shown.append((activity, rows))
    return page(
        request,
        "coverage",
        title=_("Coverage"),
        register=register,
        registers=registers,
        states=states,
        activities=shown,
        only_holes=only_holes,
        holes=len({(cell.activity, cell.datum, cell.state) for cell in holes(cells)}),
        squares=len(by_place),
        legend=[(MARKS[one], WORDS[one]) for one in WORST_FIRST],
    )


def _activities(register: Register) -> Iterable[ProcessingActivity]:
    found = ProcessingActivity.objects.of(register)
    return found.prefetch_related("data_items", "purposes", "subject_groups__states")


def _data(activity: ProcessingActivity) -> Iterable[Datum]:
    states = frozenset(state.ref for group in activity.subject_groups.all() for state in group.states.all())
    return (Datum(item.ref, activity.ref, states) for item in activity.data_items.all())


def _refs(states: list[RelationshipState]) -> list[str]:
    return [state.ref for state in states] or [""]


def _square(cells: list[Cell], names: dict[str, str]) -> Square | None:
    if not cells:
        return None
    worst = next(covered for covered in WORST_FIRST if any(cell.covered is covered for cell in cells))
    met = [cell for cell in cells if cell.covered is worst]
    rules = dict.fromkeys(rule for cell in cells for rule in cell.rules)
    beside = dict.fromkeys(rule for cell in met for rule in cell.beside)
    purposes = [names.get(cell.purpose, cell.purpose) for cell in met] if len(met) < len(cells) else []
    return Square(worst, tuple(rules), tuple(beside), tuple(purposes))
