"""Whether a person may be written to: how many messages, for which purpose, and not a day after they say no."""

from datetime import date

import pytest

from clocks.durations import Duration
from clocks.errors import TermError
from clocks.kinds import Kind
from clocks.readings import Combination
from clocks.terms import Term
from retention.assessing import assess
from retention.contacts import Answer, Message, Reason, Said, Signal, may_write
from retention.due import Decisions, Status
from retention.readings import Event
from retention.records import Record
from tests.retention.registers import rules_in

ONE = Term(Kind.COUNT, count=1)
TODAY = date(2026, 1, 10)
ASKED = Message(date(2026, 1, 2), "A5.2.demande-consentement")


def test_t_08_an_occasional_contact_gets_one_message_and_the_second_is_refused():
    first = may_write("A5.2.demande-consentement", as_of=TODAY, limit=ONE)
    assert first == Answer(may=True, reason=Reason.PERMITTED, counted=0, limit=1)
    second = may_write("A5.2.demande-consentement", as_of=TODAY, limit=ONE, sent=[ASKED])
    assert second == Answer(may=False, reason=Reason.LIMIT_REACHED, counted=1, limit=1)


def test_the_one_message_counts_whatever_its_purpose():
    assert may_write("A5.2.prospection", as_of=TODAY, limit=ONE, sent=[ASKED]).reason is Reason.LIMIT_REACHED


@pytest.mark.parametrize(
    ("purpose", "may"),
    [
        pytest.param("invoice", True, id="another purpose is not limited"),
        pytest.param("offers", False, id="the limited purpose is"),
    ],
)
def test_a_limit_may_hold_for_some_purposes(purpose, may):
    sent = [Message(date(2026, 1, 2), "offers"), Message(date(2026, 1, 3), "invoice")]
    answer = may_write(purpose, as_of=TODAY, limit=ONE, sent=sent, limited=frozenset({"offers"}))
    assert answer.may is may
    assert answer.counted == (0 if may else 1)


OFFERS = "A4.8.offres"


@pytest.mark.parametrize(
    ("said", "stopped_on"),
    [
        pytest.param([Said(Signal.UNSUBSCRIPTION, TODAY)], TODAY, id="on the very day"),
        pytest.param([Said(Signal.UNSUBSCRIPTION, date(2026, 1, 11))], None, id="not before it is said"),
        pytest.param([Said(Signal.OBJECTION, date(2026, 1, 5))], date(2026, 1, 5), id="objection"),
        pytest.param([Said(Signal.CONSENT_WITHDRAWN, date(2026, 1, 5))], date(2026, 1, 5), id="withdrawal"),
        pytest.param([Said(Signal.OBJECTION, date(2026, 1, 5), "other")], None, id="to another purpose"),
        pytest.param([Said(Signal.OBJECTION, date(2026, 1, 5), OFFERS)], date(2026, 1, 5), id="to this purpose"),
        pytest.param(
            [Said(Signal.OBJECTION, date(2026, 1, 5)), Said(Signal.CONSENT, date(2026, 1, 6))], None, id="welcome again"
        ),
        pytest.param(
            [Said(Signal.OBJECTION, date(2026, 1, 5)), Said(Signal.CONSENT, date(2026, 1, 6), OFFERS)],
            None,
            id="welcome again for this purpose",
        ),
        pytest.param(
            [Said(Signal.OBJECTION, date(2026, 1, 5)), Said(Signal.CONSENT, date(2026, 1, 6), "other")],
            date(2026, 1, 5),
            id="welcome again for another purpose",
        ),
        pytest.param(
            [Said(Signal.OBJECTION, date(2026, 1, 5), OFFERS), Said(Signal.CONSENT, date(2026, 1, 6))],
            date(2026, 1, 5),
            id="a general consent lifts no objection to one purpose",
        ),
        pytest.param(
            [Said(Signal.CONSENT, date(2026, 1, 5)), Said(Signal.OBJECTION, date(2026, 1, 5))],
            date(2026, 1, 5),
            id="both on one day: the stop counts",
        ),
        pytest.param(
            [Said(Signal.CONSENT, date(2026, 1, 4)), Said(Signal.OBJECTION, date(2026, 1, 5))],
            date(2026, 1, 5),
            id="consent before",
        ),
    ],
)
def test_messages_stop_on_the_day_the_person_says_so(said, stopped_on):
    answer = may_write(OFFERS, as_of=TODAY, said=said)
    assert answer.stopped_on == stopped_on
    assert answer.reason is (Reason.STOPPED if stopped_on else Reason.PERMITTED)
    assert answer.may is (stopped_on is None)


def test_unsubscribing_stops_the_messages_at_once_and_starts_the_clock_of_the_data():
    on = date(2026, 1, 10)
    assert not may_write(OFFERS, as_of=on, said=[Said(Signal.UNSUBSCRIPTION, on)]).may
    record = Record(state="client-inactif", activities=frozenset({"A4.8"}), events=(Event("unsubscription", on),))
    decided = Decisions(combination={"client-inactif": Combination.LATEST})
    rules = tuple(rules_in("urbs-imope").values())
    assert assess(rules, record, decided, as_of=on).status is Status.NOT_YET
    assert assess(rules, record, decided, as_of=date(2029, 1, 10)).status is Status.DUE


def test_after_the_contract_only_the_purposes_of_that_phase_are_left():
    left = rules_in("sofacto")["client-apres-contrat"].purposes
    assert may_write("A5.11.offres", as_of=TODAY, purposes=left).may
    assert may_write("A5.5.suivi-commercial", as_of=TODAY, purposes=left).reason is Reason.NOT_A_PURPOSE


@pytest.mark.parametrize(
    ("as_of", "may", "again_on"),
    [
        pytest.param(date(2026, 1, 31), False, date(2026, 2, 1), id="the day before"),
        pytest.param(date(2026, 2, 1), True, None, id="a whole month later"),
    ],
)
def test_a_cap_lets_the_next_message_go_when_its_period_is_over(as_of, may, again_on):
    cap = Term(Kind.FREQUENCY_CAP, count=1, duration=Duration(months=1))
    answer = may_write(OFFERS, as_of=as_of, limit=cap, sent=[Message(date(2026, 1, 1), OFFERS)])
    assert (answer.may, answer.again_on, answer.limit) == (may, again_on, 1)
    assert answer.reason is (Reason.PERMITTED if may else Reason.TOO_SOON)


def test_a_limit_that_is_no_limit_is_refused():
    with pytest.raises(TermError):
        may_write(OFFERS, as_of=TODAY, limit=Term(Kind.CRITERION))
