"""Service tokens: made for one register, shown once, and refused with a reason that names the remedy."""

import json
import logging
from datetime import timedelta

import pytest
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation import tokens
from foundation.accounts.tokens import ServiceToken
from foundation.models import Event
from tests.api.conftest import API, JSON, problem_of, programme, token_of

REGISTERS = f"{API}/registers/"


def test_a_token_names_its_register(dpo, elsewhere):
    client = programme(token_of(dpo)[1])
    assert client.get(REGISTERS).json()["results"] == [{"slug": "acme", "name": "Registre d’Acme", "language": "fr"}]


def test_a_token_is_256_bits_and_its_prefix_tells_it(dpo):
    token, text = token_of(dpo)
    greffier, prefix, secret = text.split("_", 2)
    assert (greffier, prefix, len(secret)) == ("greffier", token.prefix, 43)
    assert token_of(dpo)[1].split("_", 2)[1:] != [prefix, secret]


def test_the_secret_is_kept_nowhere(dpo, ours, caplog):
    caplog.set_level(logging.DEBUG)
    _token, text = token_of(dpo)
    secret = text.split("_", 2)[2]
    programme(text).get(REGISTERS)
    programme(text + "x").get(REGISTERS)
    kept = serializers.serialize("json", [*ServiceToken.objects.all(), *Event.objects.all()])
    assert secret not in kept
    assert secret not in caplog.text


def test_making_and_revoking_are_evidence(dpo):
    token, _text = token_of(dpo, "editions:view")
    tokens.revoke(token.pk, by=dpo, at=timezone.now())
    tokens.revoke(token.pk, by=dpo, at=timezone.now())
    made, revoked = Event.objects.order_by("pk")
    assert (made.verb, made.subject_id, made.actor_id) == ("service_token_made", token.pk, dpo.pk)
    assert made.details["scopes"] == ["editions:view"]
    assert (revoked.verb, revoked.subject_id) == ("service_token_revoked", token.pk)
    assert "Exporteur" not in json.dumps([made.details, revoked.details])


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer greffier_aaaaaaaa_" + "A" * 43,
        "Bearer " + "a" * 10_000,
        "bearer greffier_\x00",
        "Bearer é",
        "Basic Z3JlZmZpZXI6eA==",
        "Token x",
    ],
)
def test_what_is_no_token_opens_nothing_and_says_how_to_get_one(db, header):
    response = Client(headers={"Authorization": header}).get(REGISTERS)
    problem_of(response, 401)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Greffier"'


def test_one_letter_more_less_or_other_is_another_token(dpo):
    _token, text = token_of(dpo)
    other = text[:-1] + ("A" if text[-1] != "A" else "B")
    for wrong in (text[:-1], text + "A", other, text.upper(), " ".join(text)):
        problem_of(programme(wrong).get(REGISTERS), 401, "token_unknown")
    swapped = "_".join([text.split("_")[0], token_of(dpo)[1].split("_", 2)[1], text.split("_", 2)[2]])
    problem_of(programme(swapped).get(REGISTERS), 401, "token_unknown")


def test_a_revoked_or_expired_token_is_refused_by_name(dpo, monkeypatch):
    token, text = token_of(dpo)
    client = programme(text)
    assert client.get(REGISTERS).status_code == 200
    ServiceToken.objects.update(expires_at=timezone.now())
    problem_of(client.get(REGISTERS), 401, "token_expired")
    tokens.revoke(token.pk, by=dpo, at=timezone.now())
    problem_of(client.get(REGISTERS), 401, "token_revoked")


def test_a_token_works_up_to_its_last_moment(dpo):
    until = timezone.now() + timedelta(days=3)
    _token, text = token_of(dpo, expires_at=until)
    assert tokens.recognise(text, address="", at=until - timedelta(microseconds=1))
    with pytest.raises(tokens.NotRecognised):
        tokens.recognise(text, address="", at=until)


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ([], "203.0.113.9", 200),
        (["192.0.2.0/24"], "192.0.2.255", 200),
        (["192.0.2.0/24"], "192.0.3.0", 403),
        (["192.0.2.0/24"], "::ffff:192.0.2.7", 200),
        (["198.51.100.7", "2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], "192.0.2.7", 403),
        (["192.0.2.0/24"], "", 403),
        (["192.0.2.0/24"], "not an address", 403),
    ],
)
def test_a_token_bound_to_networks_works_there_only(dpo, networks, address, status):
    client = programme(token_of(dpo, networks=networks)[1])
    assert client.get(REGISTERS, REMOTE_ADDR=address).status_code == status


def test_behind_a_proxy_only_the_address_that_the_proxy_added_counts(dpo, settings):
    client = programme(token_of(dpo, networks=["192.0.2.0/24"])[1])
    forged = {"X-Forwarded-For": "192.0.2.7, 203.0.113.9"}
    assert client.get(REGISTERS, REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    problem_of(client.get(REGISTERS, headers=forged), 403, "token_network")
    assert client.get(REGISTERS, headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"}).status_code == 200


def test_the_day_of_use_is_noted_once_a_day(dpo):
    token, text = token_of(dpo)
    with CaptureQueriesContext(
        connection,
    ) as first:
        programme(text).get(REGISTERS)
    token.refresh_from_db()
    assert token.last_used_on == timezone.localdate()
    with CaptureQueriesContext(connection) as second:
        programme(text).get(REGISTERS)
    assert [any("UPDATE" in query["sql"] for query in said) for said in (first, second)] == [True, False]
    ServiceToken.objects.update(last_used_on=timezone.localdate() - timedelta(days=1))
    programme(text).get(REGISTERS)
    token.refresh_from_db()
    assert token.last_used_on == timezone.localdate()


def test_a_token_is_read_from_its_header_only(ours, dpo):
    _token, text = token_of(dpo)
    for name in ("token", "access_token", "Authorization"):
        assert Client().get(REGISTERS, {name: text}).status_code == 401
        client = Client()
        client.cookies[name] = text
        assert client.get(REGISTERS).status_code == 401
    body = {"edition": ours["edition"].pk, "kind": "privacy_notice", "language": "fr", "access_token": text}
    assert Client().post(f"{API}/documents/ask/", body, content_type=JSON).status_code == 401


def test_a_bad_token_is_not_made_good_by_a_session(dpo):
    client = Client(headers={"Authorization": "Bearer x"})
    client.force_login(dpo)
    problem_of(client.get(REGISTERS), 401, "token_unknown")


def test_a_token_opens_no_page(dpo, ours):
    client = programme(token_of(dpo)[1])
    for page in ("/", "/audit/", "/admin/", f"/prints/{ours['document'].pk}/download"):
        response = client.get(page)
        assert response.status_code == 302
        assert "login" in response.headers["Location"]


def test_a_token_gives_no_more_than_its_maker_has(administrator, auditor, acme):
    for by, scope in ((administrator, "editions:view"), (auditor, "documents:add"), (auditor, "nothing:view")):
        with pytest.raises(tokens.TokenScope):
            token_of(by, scope)
    token_of(auditor, "editions:view")


def test_a_token_has_a_scope_and_lives_a_year_at_most(dpo, acme):
    year = timezone.now() + timedelta(days=368)
    for wrong in (year, timezone.now() - timedelta(seconds=1)):
        with pytest.raises(tokens.TokenLife):
            token_of(dpo, expires_at=wrong)
    with pytest.raises(tokens.TokenScope):
        tokens.make(
            ServiceToken(register=acme, scopes=[], expires_at=timezone.now() + timedelta(days=1)),
            by=dpo,
            at=timezone.now(),
        )
    token, _text = token_of(dpo)
    for broken in ({"scopes": []}, {"expires_at": year}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceToken.objects.filter(pk=token.pk).update(**broken)
