"""Before what is dangerous, one confirms who one is."""

from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from foundation.doors import recent
from foundation.models import Membership, User
from foundation.permissions import Role
from tests.conftest import PASSWORD, signed_in
from tests.foundation.doors.conftest import come_in


def dangerous(administrator: User, dpo: User) -> list[str]:
    membership = Membership.objects.get(user=dpo)
    return [
        reverse("admin:foundation_membership_add"),
        reverse("admin:foundation_membership_change", args=[membership.pk]),
        reverse("admin:foundation_membership_delete", args=[membership.pk]),
        reverse("admin:foundation_user_change", args=[dpo.pk]),
        reverse("admin:auth_user_password_change", args=[dpo.pk]),
        reverse("account_sessions"),
        reverse("mfa_activate_totp"),
        reverse("mfa_generate_recovery_codes"),
    ]


def test_dangerous_pages_ask_who_one_is_before_they_open_and_come_back(administrator, dpo, later):
    client = Client()
    come_in(administrator.email, client=client)
    later(601)
    for address in dangerous(administrator, dpo):
        asked = client.get(address)
        assert asked.status_code == 302, address
        assert asked["Location"].startswith(reverse("account_reauthenticate")), address
    assert client.get(reverse("admin:foundation_membership_changelist")).status_code == 200
    back = reverse("admin:foundation_membership_add")
    confirm = client.get(back)["Location"]
    assert client.post(confirm, {"password": "wrong", "next": back}).status_code == 200
    key = client.session.session_key
    assert client.post(confirm, {"password": PASSWORD, "next": back})["Location"] == back
    assert client.session.session_key not in {key, None}
    assert UserSession.objects.get(user=administrator).session_key == client.session.session_key


def test_a_form_that_was_opened_in_time_may_be_sent_and_one_that_was_not_is_answered_in_words(
    administrator, acme, later
):
    client = signed_in(administrator)
    address = reverse("admin:foundation_membership_add")
    sent = {"email": "new@acme.example", "register": acme.pk, "role": Role.STAFF.value}
    later(601 + recent.TIME_TO_FILL_IN_SECONDS)
    refused = client.post(address, sent)
    assert refused.status_code == 409
    assert reverse("account_reauthenticate") in refused.content.decode()
    assert not User.objects.filter(email="new@acme.example").exists()
    later(601)
    assert client.post(address, sent).status_code == 302
    assert User.objects.filter(email="new@acme.example").exists()


def test_what_was_chosen_in_a_list_is_not_withdrawn_unconfirmed(administrator, dpo, later):
    client = signed_in(administrator)
    membership = Membership.objects.get(user=dpo)
    later(601 + recent.TIME_TO_FILL_IN_SECONDS)
    action = {"action": "delete_selected", "_selected_action": [membership.pk], "post": "yes"}
    answer = client.post(reverse("admin:foundation_membership_changelist"), action)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Membership.objects.filter(pk=membership.pk).exists()


def test_who_only_reads_memberships_is_not_asked(dpo, later):
    client = signed_in(dpo)
    later(9999)
    page = reverse("admin:foundation_membership_change", args=[Membership.objects.get(user=dpo).pk])
    assert client.get(page).status_code == 200
