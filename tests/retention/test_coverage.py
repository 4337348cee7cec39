"""The matrix of states, data and purposes, and its holes."""

from retention.coverage import Cell, Covered, Datum, PurposeOf, coverage, holes
from tests.retention.registers import register_file, rules_in


def matrix(slug):
    register = register_file(slug)
    data = [
        Datum(
            item["ref"],
            activity["ref"],
            frozenset(state for group in activity.get("subject_groups", []) for state in group.get("states", [])),
        )
        for activity in register["activities"]
        for item in activity.get("data_items", [])
    ]
    purposes = [
        PurposeOf(purpose["ref"], activity["ref"])
        for activity in register["activities"]
        for purpose in activity.get("purposes", [])
    ]
    states = [state["ref"] for state in register.get("states", [])]
    return coverage(rules_in(slug).values(), states=states, data=data, purposes=purposes)


def test_usage_data_of_an_inactive_client_are_a_hole_and_what_only_a_criterion_covers_too():
    cells = matrix("urbs-imope")
    usage = [cell for cell in cells if (cell.state, cell.datum) == ("client-inactif", "A4.1.interactions")]
    assert {cell.purpose for cell in usage} >= {"A4.1.services", "A4.1.performance"}
    assert {cell.covered for cell in usage} == {Covered.HOLE}
    assert {cell.beside for cell in usage} == {("principe", "besoins")}
    assert set(usage) <= set(holes(cells))


def test_the_same_data_of_an_active_client_are_dated():
    cells = [cell for cell in matrix("urbs-imope") if (cell.state, cell.datum) == ("client-actif", "A4.1.interactions")]
    assert {(cell.covered, cell.rules) for cell in cells} == {(Covered.DATED, ("client-actif",))}


def test_the_newsletter_has_its_rule_and_meets_inactive_clients_only():
    cells = [cell for cell in matrix("urbs-imope") if cell.datum == "A4.8.contact"]
    assert cells == [
        Cell("client-inactif", "A4.8.contact", "A4.8", "A4.8.offres", Covered.DATED, ("client-inactif",), ())
    ]


def test_after_the_contract_the_purposes_of_the_contract_are_over_and_the_data_are_not_uncovered():
    rules = [rule for ref, rule in rules_in("sofacto").items() if ref != "principe"]
    cells = coverage(
        rules,
        states=["client", "ancien-client"],
        data=[Datum("A5.5.rib", "A5.5")],
        purposes=[PurposeOf("A5.5.echanges", "A5.5"), PurposeOf("A5.11.offres", "A5.11"), PurposeOf("x", "A5.9")],
    )
    assert [(cell.state, cell.purpose, cell.covered) for cell in cells] == [
        ("client", "A5.5.echanges", Covered.DATED),
        ("ancien-client", "A5.5.echanges", Covered.PURPOSE_OVER),
        ("ancien-client", "A5.11.offres", Covered.DATED),
    ]


def test_a_period_without_a_start_event_is_no_hole_and_gives_no_date():
    cells = coverage(
        [rules_in("sofacto")["navigation"]], states=[], data=[Datum("A5.1.ip", "A5.1"), Datum("x", "A5.1")], purposes=[]
    )
    assert [(cell.datum, cell.covered) for cell in cells] == [("A5.1.ip", Covered.ELSEWHERE), ("x", Covered.HOLE)]


def test_a_register_of_criteria_is_all_holes():
    cells = [cell for cell in matrix("sistec") if cell.activity.startswith("A3.")]
    assert cells
    assert {cell.covered for cell in cells} == {Covered.HOLE}
    assert all(cell.beside == ("necessite",) for cell in cells)
