"""People sign in by e-mail; what they may do comes from their memberships only."""

import pytest
from django.db import IntegrityError, transaction

from foundation import permissions
from foundation.models import Membership, Register, User
from foundation.permissions import Role
from register.models import Organisation


def test_an_address_belongs_to_one_person_whatever_its_case(db):
    User.objects.create_user("Dpo@Acme.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="dPO@acme.EXAMPLE")


def test_a_person_has_one_role_per_register(dpo, acme):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=dpo, register=acme, role=Role.STAFF)


def test_an_unknown_role_is_refused(clerk, acme):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=clerk, register=acme, role="king")


@pytest.mark.parametrize("resource", permissions.ACCESS)
@pytest.mark.parametrize("verb", ["view", "add", "change", "delete"])
def test_the_stranger_may_do_nothing_here(stranger, acme, resource, verb):
    assert acme not in permissions.registers_allowing(stranger, resource, verb)


def test_rows_of_other_registers_do_not_exist(dpo, stranger, clerk, acme):
    Organisation.objects.create(register=acme, ref="a")
    assert Organisation.objects.visible_to(dpo).count() == 1
    assert Organisation.objects.visible_to(stranger).count() == 0
    assert Organisation.objects.visible_to(clerk).count() == 0


@pytest.mark.parametrize("role", [Role.STAFF, Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_the_dpo_reads_entries(request, acme, role):
    Organisation.objects.create(register=acme, ref="a")
    assert not Organisation.objects.visible_to(request.getfixturevalue(role.value)).exists()


def test_a_person_switched_off_sees_nothing(dpo, acme):
    Organisation.objects.create(register=acme, ref="a")
    User.objects.filter(pk=dpo.pk).update(is_active=False)
    gone = User.objects.get(pk=dpo.pk)
    assert not Organisation.objects.visible_to(gone).exists()
    assert not gone.has_perm("register.view_organisation")


def test_dpo_administrator_and_staff_enter_the_admin(dpo, administrator, staff, auditor, clerk):
    assert [user.is_staff for user in (dpo, administrator, staff, auditor, clerk)] == [True, True, True, False, False]


def test_there_is_no_superuser(dpo):
    assert not dpo.is_superuser
    assert not dpo.has_perm("sessions.view_session")
    assert Register.objects.count() == 1
