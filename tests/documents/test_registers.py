"""The two records (art. 30(1), 30(2)) as HTML: what stands in them, in which words."""

import hashlib
import json
import re

import pytest

from documents import annex
from documents.book import Book
from tests.conftest import SLUGS, policy_texts
from tests.documents.conftest import form_of, page

REGISTERS = ("controller_register", "processor_register")


def statements(form):
    return [
        statement["ref"]
        for policy in form.get("policies", ())
        for version in policy["versions"]
        for statement in version["statements"]
    ]


def rows_of_the_annex(html):
    return re.findall(r'<tr id="([^"]+)">', html)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_statement_held_is_printed_once_in_the_annex(slug):
    form = form_of(slug)
    roles = {activity["role"] for activity in form["activities"]}
    for kind in REGISTERS:
        expected = statements(form) if kind.removesuffix("_register") in roles else []
        assert sorted(rows_of_the_annex(page(form, kind=kind))) == sorted(expected)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_counts_agree_with_the_form(slug):
    form = form_of(slug)
    counts = annex.counts(form)
    assert counts.held == counts.printed == len(statements(form))
    assert 0 < counts.cited < counts.held


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_links_lead_somewhere_and_anchors_are_unique(slug, language):
    for kind in REGISTERS:
        html = page(form_of(slug), kind=kind, language=language)
        anchors = re.findall(r' id="([^"]+)"', html)
        assert len(anchors) == len(set(anchors))
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(anchors)


def test_declared_none_and_not_stated_print_differently():
    html = page(form_of("vistory-sesame"))
    assert '<span class="answer declared_none">néant (déclaré)</span>' in html
    assert '<span class="answer not_stated">non précisé par la politique</span>' in html


def test_a_hole_says_that_it_is_to_be_filled():
    form = {"greffier": 1, "register": {"slug": "x", "name": "X", "language": "fr"}}
    form["activities"] = [{"ref": "A1", "name": "Paie", "role": "controller"}]
    html = page(form)
    label = html.index("Finalités <span")
    assert "à compléter" in html[label : html.index("</tr>", label)]


def test_marks_and_citations_stand_beside_the_field():
    html = page(form_of("vistory-sesame"))
    assert re.search(
        r'néant \(déclaré\)</span> <span class="mark">\(contredit\)</span> <a class="cite" href="#S1-36">', html
    )


def test_fields_say_their_article_or_that_they_are_recommended():
    html = page(form_of("vistory-sesame"))
    assert 'Finalités <span class="article">art. 30(1)(b)</span>' in html
    assert 'Bases légales <span class="article">art. 6 · recommandé</span>' in html


def test_without_a_processor_activity_the_record_says_so():
    html = page(form_of("vistory-sesame"), kind="processor_register")
    assert "Rien dans la politique ne dit que l’organisme traite des données pour le compte d’autrui" in html
    assert '<table class="grid' not in html


def test_the_record_of_the_processor_lists_its_clients():
    html = page(form_of("sistec"), kind="processor_register")
    assert "Catégories de traitements" in html
    assert "responsable pour le compte duquel" in html
    assert "A3.1" not in re.sub(r'<section class="part" id="annex">.*', "", html, flags=re.DOTALL)


def test_a_processor_is_not_its_own_sub_processor():
    form = form_of("sistec")
    sheets = page(form, kind="processor_register").split('class="sheet"')[1:]
    label = sheets[0].index("Sous-traitants ultérieurs")
    assert ">SISTEC<" not in sheets[0][label : sheets[0].index("</tr>", label)]


def test_in_english_labels_are_english_and_what_people_wrote_is_marked():
    html = page(form_of("vistory-sesame"), language="en")
    assert '<html lang="en">' in html
    assert "not stated by the policy" in html
    assert "none (declared)" in html
    assert '<span lang="fr">statistiques</span>' in html
    assert "1 March 2027" in html


def test_in_its_own_language_nothing_is_marked():
    assert 'lang="fr"' not in page(form_of("vistory-sesame")).replace('<html lang="fr">', "")


def test_the_edition_is_dated_in_the_register_s_time_zone():
    html = page(form_of("vistory-sesame"))
    assert "Édition n° 4 du 1er mars 2027" in html


def test_an_empty_register_prints():
    html = page({"greffier": 1, "register": {"slug": "x", "name": "Vide", "language": "fr"}})
    assert "Le registre ne contient encore aucune activité de traitement." in html
    assert "à compléter" in html


def test_engagements_and_purposes_in_a_circle_end():
    form = form_of("vistory-sesame")
    form["engagements"][0]["parent"], form["engagements"][1]["parent"] = "paiement", "hebergement"
    assert page(form)


def test_the_quote_is_printed_where_its_text_is_attached():
    form = form_of("vistory-sesame")
    texts = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.read_text("utf-8") for path in policy_texts().glob("*.txt")
    }
    without, with_text = page(form), page(form, texts=texts)
    assert 'class="quote"' not in without
    assert with_text.count('class="quote"') == len(statements(form))
    assert "ne le dit plus" not in with_text


def test_a_text_that_says_something_else_is_not_quoted():
    form = form_of("vistory-sesame")
    digest = form["policies"][0]["versions"][0]["text_digest"]
    html = page(form, texts={digest: "x" * 20_000})
    assert 'class="quote"' not in html
    assert html.count("le texte joint ne le dit plus") == len(statements(form))


HOSTILE = '<script>alert(1)</script>{{ 7|add:7 }}{% now "Y" %}<img src="file:///etc/passwd">'


def test_what_a_person_writes_is_printed_as_text():
    form = json.loads(json.dumps(form_of("vistory-sesame")).replace("Comptes Sesame", "@@"))
    form["activities"][0]["name"] = HOSTILE
    html = page(form)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7|add:7 }}{% now" in html


def test_a_reference_to_nothing_is_printed_as_it_stands():
    form = {
        "register": {"slug": "x", "name": "X", "language": "fr"},
        "measures": [{"kind": "access", "description": "m", "applied_by": "nobody"}],
    }
    measure = Book(form, language="fr").entries("measures")[0]
    assert measure.cells["applied_by"].text == "nobody"
