"""A broken file is refused as a whole: every fault at once, with line, place and remedy; nothing is written."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from editions.load import RegisterExists, load
from editions.reading import BrokenForm, read
from foundation.models import Register
from register.models import Organisation

HEAD = "greffier: 1\nregister:\n  slug: acme\n  name: Acme\n  language: en\n"

FAULTS = {
    "unknown key": (HEAD + "organisatons: []\n", 6, "organisations"),
    "unknown field": (HEAD + "organisations:\n  - ref: a\n    nam: A\n", 8, "did you mean “name”"),
    "missing reference": (HEAD + "organisations:\n  - name: A\n", 7, "“ref” is missing"),
    "not one of the choices": (HEAD + "organisations:\n  - ref: a\n    nature: firm\n", 8, "legal_person"),
    "wrong type": (HEAD + "organisations:\n  - ref: a\n    capital_euros: much\n", 8, "integer"),
    "duplicate reference": (HEAD + "organisations:\n  - ref: a\n  - ref: a\n", 8, "twice"),
    "duplicate key": (HEAD + "organisations:\n  - ref: a\n    name: A\n    name: B\n", 9, "twice"),
    "unknown reference": (HEAD + "organisations:\n  - ref: a\n    parent: b\n", 8, "“b”"),
    "unknown statement": (HEAD + "organisations:\n  - ref: a\n    cites: {name: [S9-1]}\n", 8, "S9-1"),
    "unknown field cited": (HEAD + "organisations:\n  - ref: a\n    cites: {nme: [S9-1]}\n", 8, "name"),
    "answer beside a value": (
        HEAD + "organisations:\n  - ref: a\n    name: A\n    answers: {name: not_stated}\n",
        9,
        "one of the two",
    ),
    "duration": (
        HEAD + "trackers:\n  - ref: t\n    technology: cookie\n    category: audience\n    lifetime: 13 mois\n",
        10,
        "P13M",
    ),
    "duration in lower case": (
        HEAD + "trackers:\n  - ref: t\n    technology: cookie\n    category: audience\n    lifetime: p13m\n",
        10,
        "P13M",
    ),
    "a day that is not": (
        HEAD + "policies:\n  - ref: p\n    title: P\n    versions:\n      - ref: v\n        dated_on: '2026-02-30'\n",
        11,
        "2026-02-30",
    ),
    "a circle": (HEAD + "organisations:\n  - {ref: a, parent: a}\n", 7, "above itself"),
    "a circle of two": (HEAD + "organisations:\n  - {ref: a, parent: b}\n  - {ref: b, parent: a}\n", 7, "above itself"),
    "an opening that ends before it begins": (
        HEAD + "service_calendars:\n  - ref: c\n    name: C\n    openings:\n"
        "      - {weekday: 1, opens_at: '18:00', closes_at: '08:00'}\n",
        10,
        "ends before",
    ),
    "another version": (HEAD.replace("greffier: 1", "greffier: 2"), 1, "version"),
    "not YAML": (HEAD + "organisations: [\n", 7, "not YAML"),
    "an alias": (HEAD + "organisations: &x []\n", 6, "Anchors"),
    "a tag": (HEAD + "organisations: !!python/object:os.system []\n", 6, "not"),
    "a key that is no word": (HEAD + "? [a, b]\n: c\n", 6, "key"),
    "a number beyond measure": (
        HEAD + "organisations:\n  - ref: a\n    capital_euros: " + "9" * 5000 + "\n",
        8,
        "too large",
    ),
    "half a character": (HEAD + 'organisations:\n  - ref: a\n    name: "x\\uD800"\n', 8, "stored"),
    "a NUL": (HEAD + 'organisations:\n  - ref: a\n    name: "x\\0y"\n', 8, "stored"),
    "no register": ("[]\n", 1, "greffier: 1"),
    "empty value": (HEAD + "organisations:\n  - ref: a\n    name: ''\n", 8, "answers"),
    "a list given twice": (
        HEAD + "measures:\n  - kind: access\n    description: d\n    activities: [x, x]\n",
        9,
        "twice",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "line", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_its_line_and_its_remedy(text, line, words):
    from django.utils import translation

    with translation.override("en"), pytest.raises(BrokenForm) as refusal:
        load(read(text))
    assert [fault.line for fault in refusal.value.faults] == [line]
    assert words in str(refusal.value)
    assert not Register.objects.exists()


@pytest.mark.django_db
def test_all_faults_are_told_at_once():
    text = HEAD + "organisations:\n  - ref: a\n    parent: nobody\n  - ref: a\n    cites: {name: [S1-01]}\n"
    with pytest.raises(BrokenForm) as refusal:
        load(read(text, "acme.yaml"), source="acme.yaml")
    assert [fault.line for fault in refusal.value.faults] == [8, 9, 10]
    assert str(refusal.value).count("acme.yaml") == 3


def test_a_nested_file_does_not_exhaust_the_reader():
    with pytest.raises(BrokenForm):
        read("a: " + "[" * 5000)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        read(HEAD + text)
    except BrokenForm as refusal:
        assert refusal.faults


def test_a_register_with_holes_loads(db):
    text = HEAD + "organisations:\n  - ref: a\nactivities:\n  - {ref: A1, name: N, role: controller}\n"
    assert Organisation.objects.get(register=load(read(text))).name == ""


def test_an_existing_register_is_replaced_only_when_told(db):
    load(read(HEAD + "organisations:\n  - {ref: a, name: A}\n"))
    with pytest.raises(RegisterExists):
        load(read(HEAD + "organisations:\n  - {ref: a, name: B}\n"))
    assert Organisation.objects.get().name == "A"
    load(read(HEAD + "organisations:\n  - {ref: a, name: B}\n"), replace=True)
    assert Organisation.objects.get().name == "B"


def test_a_fault_leaves_the_register_as_it_was(db):
    load(read(HEAD + "organisations:\n  - {ref: a, name: A}\n"))
    with pytest.raises(BrokenForm):
        load(read(HEAD + "organisations:\n  - {ref: a, name: B, parent: none}\n"), replace=True)
    assert Organisation.objects.get().name == "A"
