"""The privacy notice (art. 13, 14): what the register says, and apart from it what it lacks."""

from tests.documents.conftest import form_of, page


def notice(form, language="fr"):
    return page(form, kind="privacy_notice", language=language)


def lacking(html):
    return html[html.index("for-the-dpo") :]


def row(html, item):
    start = lacking(html).index(item)
    return lacking(html)[start : lacking(html).index("</tr>", start)]


def test_the_notice_says_what_the_register_says():
    html = notice(form_of("vistory-sesame"))
    public = html[: html.index("for-the-dpo")]
    assert "prévenir par courriel d’une modification substantielle de la politique" in public
    assert "support-sesame@vistory.fr" in public
    assert "aucun, selon notre politique" in public


def test_what_is_missing_stands_on_a_page_of_its_own_and_is_never_invented():
    html = notice(form_of("vistory-sesame"))
    public = html[: html.index("for-the-dpo")]
    assert "non précisé" not in public
    assert "à compléter" not in public
    assert "S1-" not in public
    assert "A1.2" in row(html, "Base légale de chaque finalité")
    assert "Identité du responsable du traitement" in lacking(html)


def test_the_right_to_object_stands_apart():
    html = notice(form_of("vistory-sesame"))
    assert html.index("Vos droits") < html.index("Votre droit d’opposition")


def test_what_the_policy_contradicts_is_to_be_settled():
    contradicted = lacking(notice(form_of("vistory-sesame"))).rpartition("<h2>")[2]
    assert "Destinataires</th><td>–</td><td>A1.1, A1.2, A1.3</td>" in contradicted


def test_a_safeguard_that_has_ended_is_not_promised():
    html = notice(form_of("live-session"))
    assert "Privacy Shield" not in html[: html.index("for-the-dpo")]
    assert "15 juillet 2020</th><td>13(1)(f), 14(1)(f), 44</td>" in lacking(html)


def test_a_register_without_controller_activity_says_so():
    form = {"greffier": 1, "register": {"slug": "x", "name": "X", "language": "fr"}}
    assert "aucune activité dont l’organisme soit responsable" in notice(form)


def test_legitimate_interests_and_their_objection_are_asked_for():
    form = {"greffier": 1, "register": {"slug": "x", "name": "X", "language": "en"}}
    form["activities"] = [
        {"ref": "A1", "name": "Prospects", "role": "controller", "legal_bases": [{"basis": "legitimate_interests"}]}
    ]
    html = notice(form, language="en")
    assert "A1" in row(html, "Legitimate interests pursued")
    assert "Right: objection (art. 21(1))" in lacking(html)
    assert "Right: portability" not in lacking(html)


def test_a_complete_activity_lacks_nothing_of_its_own():
    form = {"greffier": 1, "register": {"slug": "x", "name": "X", "language": "en"}}
    form["organisations"] = [
        {
            "ref": "me",
            "name": "Acme",
            "contacts": [{"function": "dpo", "channel": "email", "value": "dpo@acme.example"}],
            "answers": {"union_representative": "declared_none"},
        }
    ]
    form["activities"] = [
        {
            "ref": "A1",
            "name": "Payroll",
            "role": "controller",
            "parties": [{"organisation": "me", "part": "controller"}],
            "purposes": [{"ref": "p", "description": "pay"}],
            "legal_bases": [{"basis": "contract", "purpose": "p"}],
            "data_items": [
                {"ref": "d", "name": "name", "category": "civil", "source": "subject", "mandatory": "optional"}
            ],
            "recipients": [{"name": "bank", "kind": "other"}],
            "answers": {"transfers": "declared_none", "automated_decisions": "declared_none"},
        }
    ]
    form["retention_rules"] = [{"ref": "r", "description": "all", "kind": "exact", "duration": "P5Y"}]
    kinds = ("access", "rectification", "erasure", "restriction", "portability", "authority_complaint", "post_mortem")
    form["rights"] = [{"ref": kind, "kind": kind} for kind in kinds]
    html = notice(form, language="en")
    assert "for-the-dpo" not in html
    assert "dpo@acme.example" in html
