"""What is sealed opens where it stands, under its own key, and nowhere else."""

import pytest
from django.db import IntegrityError, transaction

from foundation.errors import RuleViolation
from foundation.keys import masters, vault
from foundation.keys.models import Key
from foundation.keys.vault import Place
from foundation.models import Register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("master")]
HERE = Place("connector", "password", 7)


@pytest.fixture
def sealed(acme):
    return vault.seal_text("S3cr3t·é", key=vault.data_key("connector", register=acme, subject=7), place=HERE)


def test_what_was_sealed_opens_at_its_place(sealed):
    assert "S3cr3t" not in sealed
    assert vault.open_text(sealed, place=HERE) == "S3cr3t·é"


def test_the_same_text_sealed_twice_looks_different(acme, sealed):
    again = vault.seal_text("S3cr3t·é", key=vault.data_key("connector", register=acme, subject=7), place=HERE)
    assert again != sealed


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(Place("connector", "password", 8), id="another row"),
        pytest.param(Place("connector", "user", 7), id="another column"),
        pytest.param(Place("connecto", "rpassword", 7), id="another table whose names run on alike"),
        pytest.param(Place("request", "password", 7), id="another table"),
    ],
)
def test_what_was_moved_does_not_open(sealed, elsewhere):
    with pytest.raises(vault.SealBroken) as refusal:
        vault.open_text(sealed, place=elsewhere)
    assert f"{elsewhere.table}.{elsewhere.column}, row {elsewhere.row}" in str(refusal.value)


@pytest.mark.parametrize("nonsense", ["", "S3cr3t", "AQ", "é", "A" * 400, "\x00"])
def test_what_was_never_sealed_is_refused_by_name(nonsense):
    with pytest.raises(vault.SealBroken):
        vault.open_text(nonsense, place=HERE)


def test_a_place_needs_a_row_that_has_its_number(acme):
    assert Place.of(acme, "name") == Place("foundation_register", "name", acme.pk)
    with pytest.raises(ValueError, match="save the row first"):
        Place.of(Register(), "name")


def test_a_text_without_a_row_of_its_own_is_sealed_for_row_0():
    place = Place("mfa_authenticator", "data")
    sealed = vault.seal_text("otp", key=vault.data_key("account"), place=place)
    assert vault.open_text(sealed, place=place) == "otp"


def test_a_key_is_made_once_for_each_purpose_register_and_subject(acme, elsewhere):
    asked = [
        ("request", acme, 1),
        ("request", acme, 2),
        ("request", elsewhere, 1),
        ("connector", acme, 1),
        ("register", acme, None),
        ("account", None, None),
    ]
    keys = [vault.data_key(purpose, register=register, subject=subject) for purpose, register, subject in asked]
    assert len({key.pk for key in keys}) == len(asked)
    assert keys == [vault.data_key(purpose, register=register, subject=subject) for purpose, register, subject in asked]


def test_the_database_holds_one_key_where_register_and_subject_are_empty():
    key = vault.data_key("account")
    with pytest.raises(IntegrityError), transaction.atomic():
        Key.objects.create(purpose="account", wrapped=key.wrapped, master_key=key.master_key)


def test_a_purpose_is_written_in_lower_case_words():
    with pytest.raises(IntegrityError), transaction.atomic():
        vault.data_key("Request")


def test_a_wrapped_key_moved_to_another_row_does_not_unwrap(acme, elsewhere):
    mine, theirs = vault.data_key("register", register=acme), vault.data_key("register", register=elsewhere)
    sealed = vault.seal_text("ours", key=mine, place=HERE)
    Key.objects.filter(pk=mine.pk).update(wrapped=theirs.wrapped)
    with pytest.raises(vault.WrappedKeyBroken):
        vault.open_text(sealed, place=HERE)


@pytest.mark.parametrize(
    "change",
    [{"purpose": "request"}, {"subject_id": 9}, {"register": None}, {"version": 2}],
    ids=lambda change: next(iter(change)),
)
def test_a_row_whose_meaning_was_changed_does_not_unwrap(acme, change):
    sealed = vault.seal_text("ours", key=vault.data_key("connector", register=acme, subject=7), place=HERE)
    Key.objects.update(**change)
    with pytest.raises(vault.WrappedKeyBroken):
        vault.open_text(sealed, place=HERE)


def test_a_destroyed_key_opens_and_seals_nothing(acme, sealed):
    key = Key.objects.get()
    Key.objects.all().delete()
    with pytest.raises(vault.KeyDestroyed, match=f"Data key {key.pk} was destroyed"):
        vault.open_text(sealed, place=HERE)
    with pytest.raises(vault.KeyDestroyed):
        vault.seal_text("new", key=key, place=HERE)
    assert vault.data_key("connector", register=acme, subject=7).pk != key.pk


def test_another_master_key_says_which_one_is_wanted(settings, sealed):
    wanted = settings.MASTER_KEYS.newest.id
    settings.MASTER_KEYS = masters.read(masters.new(), remedy="Put it back.")
    with pytest.raises(vault.MasterKeyMissing, match=f"{wanted} is not here. Put it back"):
        vault.open_text(sealed, place=HERE)


def test_without_any_master_key_nothing_is_made(settings):
    settings.MASTER_KEYS = masters.MasterKeys(remedy="Set it.")
    with pytest.raises(vault.MasterKeyMissing, match="Set it"):
        vault.data_key("account")


def test_every_refusal_is_one_that_people_are_told():
    for refusal in (vault.KeyDestroyed, vault.SealBroken, vault.WrappedKeyBroken, vault.MasterKeyMissing):
        assert issubclass(refusal, RuleViolation)


def test_many_texts_are_sealed_each_under_the_key_of_its_subject(acme):
    texts = {7: "one", 8: "two"}
    before = vault.data_key("test", register=acme, subject=8)
    place = {number: Place("table", "column", number) for number in texts}
    sealed = vault.seal_texts(texts, purpose="test", register=acme, place=place.__getitem__)
    assert {number: vault.open_text(text, place=place[number]) for number, text in sealed.items()} == texts
    assert vault.data_key("test", register=acme, subject=8) == before
    Key.objects.filter(subject_id=7).delete()
    with pytest.raises(vault.KeyDestroyed):
        vault.open_text(sealed[7], place=place[7])
    assert vault.open_text(sealed[8], place=place[8]) == "two"
