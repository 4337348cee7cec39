"""What treatments make of a value, and what the whole may be called in law (pure)."""

import re
from datetime import date

import pytest

from retention import made_values
from retention.mapping import ChildFate, ChildMapping, ColumnMapping, Step, TableMapping, TableName, Treatment
from retention.treatments import CRITERION_LABELS, LABELS, Criterion, Nature, assessment, nature, of_target

SECRET = b"of the run"


def column(name, treatment, identity=""):
    return ColumnMapping(name, treatment, identity=identity)


@pytest.mark.parametrize(
    ("columns", "called"),
    [
        pytest.param([column("name", Treatment.NULL, "name")], Nature.ANONYMISATION, id="emptied"),
        pytest.param([column("name", Treatment.CONSTANT, "name")], Nature.ANONYMISATION, id="the same for all"),
        pytest.param([column("name", Treatment.KEYED_HASH, "name")], Nature.PSEUDONYMISATION, id="a hash is a token"),
        pytest.param([column("email", Treatment.FILLER, "email")], Nature.PSEUDONYMISATION, id="one token per row"),
        pytest.param([column("code", Treatment.FILLER)], Nature.PSEUDONYMISATION, id="a token of no identifier"),
        pytest.param([column("born", Treatment.YEAR_ONLY, "birth")], Nature.PSEUDONYMISATION, id="shortened"),
        pytest.param([column("post", Treatment.TRUNCATED_POSTCODE, "address")], Nature.PSEUDONYMISATION, id="masked"),
        pytest.param([column("name", Treatment.KEEP, "name")], Nature.PSEUDONYMISATION, id="kept"),
        pytest.param(
            [column("name", Treatment.NULL, "name"), column("score", Treatment.KEEP)],
            Nature.ANONYMISATION,
            id="figures stay",
        ),
    ],
)
def test_only_what_leaves_no_identifier_and_no_token_is_called_anonymisation(columns, called):
    assert nature(columns) is called


def test_what_remains_is_said_by_criterion_even_of_an_anonymisation():
    columns = [
        column("name", Treatment.NULL, "name"),
        column("born", Treatment.YEAR_ONLY),
        column("town", Treatment.KEEP),
    ]
    said = assessment(columns, linked=["invoice"])
    assert said.nature is Nature.ANONYMISATION
    assert said.remains == {
        Criterion.SINGLING_OUT: (), Criterion.LINKABILITY: ("invoice",), Criterion.INFERENCE: ("born", "town"),
    }  # fmt: skip


def test_a_target_is_called_by_what_its_step_and_its_children_leave():
    child = ChildMapping(TableName("note"), ("c",), ChildFate.TREAT, (column("author", Treatment.KEYED_HASH, "name"),))
    of = {
        step: of_target(TableMapping(TableName("client"), ("id",), {}, step, (), children=(child,))).nature
        for step in Step
    }
    assert of == {
        Step.ERASE: Nature.ERASURE, Step.RETURN_THEN_DESTROY: Nature.ERASURE, Step.LIMIT_ACCESS: Nature.RESTRICTION,
        Step.ARCHIVE: Nature.RESTRICTION, Step.ANONYMISE: Nature.PSEUDONYMISATION,
        Step.SUPPRESSION_LIST: Nature.PSEUDONYMISATION,
    }  # fmt: skip


def test_every_code_has_its_words_in_both_languages():
    assert set(LABELS) == set(Nature)
    assert set(CRITERION_LABELS) == set(Criterion)
    assert all(set(words) == {"fr", "en"} for words in [*LABELS.values(), *CRITERION_LABELS.values()])


@pytest.mark.parametrize(
    ("value", "short"),
    [
        ("69001", "69000"),
        ("2A 004", "2A000"),
        (" 97400 ", "97000"),
        ("75", "75"),
        ("7", "7"),
        ("", ""),
        ("SW1A 1AA", "SW00000"),
    ],
)
def test_a_postcode_keeps_two_characters(value, short):
    assert made_values.truncated_postcode(value) == short
    assert made_values.truncated_postcode(short) == short


def test_a_hash_is_the_same_for_the_same_value_and_secret_alone():
    def of(value="a@x", secret=SECRET):
        return made_values.keyed_hash(value, secret=secret, digits=32)

    assert of() == of()
    assert len({of(), of("b@x"), of(secret=b"another")}) == 3
    assert re.match(made_values.hash_pattern(32), of())
    assert "a@x" not in of()


def test_a_filler_is_each_row_s_own_and_comes_from_no_value():
    made = {
        made_values.filler(place, key, secret=secret, digits=24, is_mail=True)
        for place in ("client.email", "client.mail")
        for key in [(1,), (2,), ("1",), (1, 2)]
        for secret in (SECRET, b"another")
    }
    assert len(made) == 16
    assert all(re.match(made_values.filler_pattern(24, is_mail=True), each) for each in made)
    assert not any(re.match(made_values.filler_pattern(24, is_mail=False), each) for each in made)


@pytest.mark.parametrize(
    ("length", "of_hash", "of_filler", "of_mail"),
    [(None, 32, 24, 24), (200, 32, 24, 24), (36, 32, 24, 16), (32, 28, 24, 12), (31, 27, 24, None), (20, 16, 16, None),
     (19, None, 15, None), (16, None, 12, None), (15, None, None, None)],
)  # fmt: skip
def test_a_made_value_fits_its_column_or_is_refused(length, of_hash, of_filler, of_mail):
    plain, digits = (made_values.filler_digits(length, is_mail=mail) for mail in (False, True))
    assert (made_values.hash_digits(length), plain, digits) == (of_hash, of_filler, of_mail)
    if digits is not None and length is not None:
        assert len(made_values.filler("a", (1,), secret=SECRET, digits=digits, is_mail=True)) <= length


def test_a_year_is_its_first_day():
    assert made_values.first_of_year(date(2024, 2, 29)) == date(2024, 1, 1)
