"""Registers, people and memberships: who is seen, who is changed, and by whom."""

import pytest
from django.urls import reverse

from foundation.models import Event, Membership, Register, User
from foundation.permissions import Role
from tests.conftest import PASSWORD
from tests.office.conftest import as_sent, errors_of, listing, page


def test_a_dpo_changes_language_and_time_zone_and_nothing_else(office, dpo, acme):
    client = office(dpo)
    sent = {"language": "en", "time_zone": "Europe/Brussels", "name": "x", "slug": "x"}
    assert client.post(page(acme), sent).status_code == 302
    acme.refresh_from_db()
    assert (acme.language, acme.time_zone, acme.slug) == ("en", "Europe/Brussels", "acme")
    assert errors_of(client.post(page(acme), {**sent, "time_zone": "Mars/Olympus"})) == {"time_zone"}


def test_an_administrator_reads_the_register_and_no_entry(office, administrator, acme, ours):
    client = office(administrator)
    assert client.get(page(acme)).status_code == 200
    assert client.post(page(acme), {"language": "en", "time_zone": "Europe/Paris"}).status_code == 403
    assert client.get(listing(type(ours["activity"]))).status_code == 403


def test_an_administrator_adds_someone_who_has_no_account(office, administrator, acme):
    client = office(administrator)
    sent = {"email": "New@Example.org", "register": acme.pk, "role": Role.AUDITOR.value}
    assert client.post(listing(Membership, "add"), sent).status_code == 302
    user = User.objects.get(email="new@example.org")
    assert user.roles_by_register() == {acme.pk: Role.AUDITOR}
    assert not user.has_usable_password()


def test_a_membership_stands_once(office, administrator, acme, dpo):
    sent = {"email": dpo.email, "register": acme.pk, "role": Role.AUDITOR.value}
    assert errors_of(office(administrator).post(listing(Membership, "add"), sent)) == {"__all__"}


def test_nobody_is_added_to_a_register_one_does_not_administer(office, administrator, elsewhere):
    sent = {"email": administrator.email, "register": elsewhere.pk, "role": Role.DPO.value}
    assert errors_of(office(administrator).post(listing(Membership, "add"), sent)) == {"register"}


def test_a_dpo_reads_memberships_and_changes_none(office, dpo, acme, staff):
    client = office(dpo)
    membership = Membership.objects.get(user=staff)
    assert client.get(page(membership)).status_code == 200
    assert client.post(page(membership), {"role": Role.ADMINISTRATOR.value}).status_code == 403
    assert client.get(listing(User)).status_code == 403


def test_an_administrator_sees_the_people_of_their_registers_only(office, administrator, dpo, stranger):
    client = office(administrator)
    text = client.get(listing(User)).content.decode()
    assert dpo.email in text
    assert stranger.email not in text
    assert client.get(page(stranger)).status_code == 404


def test_no_page_shows_a_password_or_its_hash(office, administrator, dpo):
    text = office(administrator).get(page(dpo)).content.decode()
    assert "pbkdf2" not in text
    assert dpo.password not in text


def test_an_administrator_sets_a_password(office, client, administrator, dpo):
    address = reverse("admin:auth_user_password_change", args=[dpo.pk])
    secret = "a much longer secret than before"
    sent = {"password1": secret, "password2": secret, "usable_password": "true"}
    assert office(administrator).post(address, sent).status_code == 302
    assert client.login(username=dpo.email, password=secret)


@pytest.mark.parametrize("name", ["change", "auth_user_password_change"])
def test_an_account_that_also_belongs_elsewhere_is_not_taken_over(office, client, administrator, dpo, elsewhere, name):
    Membership.objects.create(user=dpo, register=elsewhere, role=Role.DPO)
    address = page(dpo) if name == "change" else reverse(f"admin:{name}", args=[dpo.pk])
    sent = {"password1": "x" * 20, "password2": "x" * 20, "email": "mine@example.org", "usable_password": "true"}
    assert office(administrator).post(address, sent).status_code == 403
    assert client.login(username=dpo.email, password=PASSWORD)


def test_no_account_is_reached_across_registers(office, administrator, stranger):
    address = reverse("admin:auth_user_password_change", args=[stranger.pk])
    assert office(administrator).get(address).status_code == 404


def test_the_page_of_a_person_is_changed(office, administrator, dpo):
    client = office(administrator)
    data = as_sent(client.get(page(dpo))) | {"name": "Camille"}
    assert client.post(page(dpo), data).status_code == 302
    dpo.refresh_from_db()
    assert dpo.name == "Camille"


# -- addresses -----------------------------------------------------------------------------------------------------


def test_the_address_of_an_account_is_not_changed(office, administrator, dpo):
    client = office(administrator)
    data = as_sent(client.get(page(dpo))) | {"email": "Mine@Example.org", "name": "Camille"}
    assert client.post(page(dpo), data).status_code == 302
    dpo.refresh_from_db()
    assert (dpo.email, dpo.name) == ("dpo@acme.example", "Camille")


def test_an_account_is_found_with_capitals_by_whoever_signs_in_and_by_whoever_adds_it(
    office, client, administrator, acme, clerk
):
    assert client.login(username="Clerk@Nowhere.example", password=PASSWORD)
    sent = {"email": "CLERK@nowhere.example", "register": acme.pk, "role": Role.STAFF.value}
    assert office(administrator).post(listing(Membership, "add"), sent).status_code == 302
    assert User.objects.get(email__iexact=clerk.email).roles_by_register() == {acme.pk: Role.STAFF}


def test_an_account_of_another_register_is_not_added_and_nothing_of_it_is_shown(
    office, administrator, acme, stranger, clerk
):
    User.objects.filter(pk=stranger.pk).update(name="Camille Secret")
    sent = {"email": stranger.email.title(), "register": acme.pk, "role": Role.AUDITOR.value}
    response = office(administrator).post(listing(Membership, "add"), sent)
    assert errors_of(response) == {"__all__"}
    text = response.content.decode()
    assert "This address cannot be added here" in text or "Cette adresse ne peut pas être ajoutée ici" in text
    assert "Camille" not in text
    assert not acme.memberships.filter(user=stranger).exists()


@pytest.fixture
def shared(dpo, elsewhere):
    """A person who also belongs to a register of someone else, and whose account tells something."""
    Membership.objects.create(user=dpo, register=elsewhere, role=Role.DPO)
    User.objects.filter(pk=dpo.pk).update(name="Camille Secret", language="en", last_login="2019-05-17T10:00Z")
    return dpo


def test_of_an_account_that_one_may_not_change_the_address_only_is_shown(office, administrator, shared):
    client = office(administrator)
    for address in (page(shared), listing(User)):
        text = client.get(address).content.decode()
        assert shared.email in text
        assert not [word for word in ("Camille", "2019", "English", "Anglais") if word in text.split('id="content"')[1]]


def test_no_search_and_no_filter_finds_what_is_not_shown(office, administrator, shared):
    client = office(administrator)
    assert shared.email not in client.get(listing(User) + "?q=Secret").content.decode()
    assert shared.email in client.get(listing(User) + "?q=acme").content.decode()
    for query in ("name__startswith=C", "language=en", "last_login__year=2019", "password__startswith=p"):
        assert client.get(f"{listing(User)}?{query}").status_code == 400


def test_a_person_is_found_by_name_where_the_account_may_be_changed(office, administrator, dpo):
    User.objects.filter(pk=dpo.pk).update(name="Camille")
    assert dpo.email in office(administrator).get(listing(User) + "?q=camille").content.decode()


@pytest.mark.parametrize(
    ("model", "query", "status"),
    [
        (User, "memberships=1", 400),
        (User, "memberships__register__slug=elsewhere", 400),
        (User, "role=dpo", 200),
        (User, "is_active__exact=1", 200),
        (Register, "events__id__gt=0", 400),
        (Register, "editions__number=1", 400),
        (Register, "slug=acme", 200),
    ],
)
def test_a_list_is_filtered_by_what_it_offers_only(office, administrator, model, query, status):
    assert office(administrator).get(f"{listing(model)}?{query}").status_code == status


# -- evidence ------------------------------------------------------------------------------------------------------


def told():
    """Return what the evidence says: act, kind of object, its number, who did it."""
    return list(Event.objects.order_by("pk").values_list("verb", "subject_type", "subject_id", "actor_id"))


def test_nobody_changes_or_withdraws_their_own_membership(office, administrator):
    own = Membership.objects.get(user=administrator)
    client = office(administrator)
    assert client.get(page(own)).status_code == 200
    assert client.post(page(own), {"role": Role.DPO.value}).status_code == 403
    assert client.post(page(own, "delete"), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [own.pk], "post": "yes"}
    client.post(listing(Membership), action)
    own.refresh_from_db()
    assert own.role == Role.ADMINISTRATOR


def test_what_happens_to_a_membership_is_recorded(office, administrator, acme, staff, auditor):
    client = office(administrator)
    sent = {"email": "new@example.org", "register": acme.pk, "role": Role.AUDITOR.value}
    client.post(listing(Membership, "add"), sent)
    added = Membership.objects.get(user__email="new@example.org")
    client.post(page(added), {"role": Role.STAFF.value})
    client.post(page(added), {"role": Role.STAFF.value})
    client.post(page(added, "delete"), {"post": "yes"})
    others = list(Membership.objects.filter(user__in=[staff, auditor]).order_by("pk"))
    action = {"action": "delete_selected", "_selected_action": [one.pk for one in others], "post": "yes"}
    client.post(listing(Membership), action)
    kind, actor = "foundation.membership", administrator.pk
    assert told() == [
        ("membership_added", kind, added.pk, actor),
        ("membership_changed", kind, added.pk, actor),
        ("membership_withdrawn", kind, added.pk, actor),
        *(("membership_withdrawn", kind, one.pk, actor) for one in others),
    ]
    assert set(Event.objects.values_list("register", flat=True)) == {acme.pk}
    assert Event.objects.order_by("pk")[1].details == {
        "user": added.user_id,
        "role": Role.STAFF.value,
        "before": Role.AUDITOR.value,
    }


def test_what_an_administrator_does_to_an_account_is_recorded(office, administrator, acme, dpo):
    client = office(administrator)
    secret = "a much longer secret than before"
    address = reverse("admin:auth_user_password_change", args=[dpo.pk])
    client.post(address, {"password1": secret, "password2": "another", "usable_password": "true"})
    assert told() == []
    client.post(address, {"password1": secret, "password2": secret, "usable_password": "true"})
    data = as_sent(client.get(page(dpo)))
    client.post(page(dpo), data | {"name": "Camille"})
    client.post(page(dpo), {name: value for name, value in data.items() if name != "is_active"})
    client.post(page(dpo), data)
    kind, actor = "foundation.user", administrator.pk
    assert told() == [
        ("password_set", kind, dpo.pk, actor),
        ("account_deactivated", kind, dpo.pk, actor),
        ("account_activated", kind, dpo.pk, actor),
    ]


# -- one's own password --------------------------------------------------------------------------------------------


def test_everyone_changes_their_own_password(office, client, staff):
    own = office(staff)
    assert f'href="{reverse("account")}"' in own.get(reverse("home")).content.decode()
    address = reverse("account_change_password")
    assert f'href="{address}"' in own.get(reverse("account")).content.decode()
    secret = "a much longer secret than before"
    response = own.post(address, {"oldpassword": PASSWORD, "password1": secret, "password2": secret})
    assert response.status_code == 302
    assert response["Location"] == reverse("account")
    assert 'role="status"' in own.get(reverse("account")).content.decode()
    assert client.login(username=staff.email, password=secret)


def test_what_is_wrong_with_a_new_password_is_said_beside_it(office, staff):
    sent = {"oldpassword": "not this one", "password1": "short", "password2": "short"}
    text = office(staff).post(reverse("account_change_password"), sent).content.decode()
    assert text.count('aria-invalid="true"') >= 2
    assert 'id="id_oldpassword_error"' in text
    assert 'aria-describedby="id_password1_helptext' in text
    assert "not this one" not in text
