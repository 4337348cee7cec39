"""Role × register × resource × verb × state: who brings something about depends on what has become of the row.

Each act is tried by everybody in every state; what counts is whether it came about, not what was answered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documents.models import Print
from editions.actions import publish
from foundation import tokens
from foundation.jobs import orders
from foundation.jobs.asking import ask
from foundation.jobs.models import Halt, Job
from foundation.mail.models import Mail
from foundation.mail.planning import plan
from foundation.models import Event, Membership, ServiceToken, User
from foundation.permissions import Role
from tests.conftest import printed, signed_in

pytestmark = pytest.mark.django_db
DPO, STAFF, AUDITOR, ADMINISTRATOR = Role.DPO.value, Role.STAFF.value, Role.AUDITOR.value, Role.ADMINISTRATOR.value
NOBODY, CLERK, CLOSED = "nobody", "clerk", "closed"  # not signed in; in no register; a DPO whose account was closed
ELSEWHERE = {f"{role.value} elsewhere" for role in Role}
KEEPERS, READERS = {DPO, ADMINISTRATOR}, {DPO, STAFF, AUDITOR}


@pytest.fixture
def people(acme: Any, elsewhere: Any) -> dict[str, Client]:
    """Everybody, signed in a moment ago: each role here, each role elsewhere, and three who have none."""
    found = {NOBODY: signed_in(None)}
    for register, suffix in ((acme, ""), (elsewhere, " elsewhere")):
        for role in Role:
            user = User.objects.create_user(f"{role.value}@{register.slug}.test")
            Membership.objects.create(user=user, register=register, role=role)
            found[f"{role.value}{suffix}"] = signed_in(user)
    found[CLERK] = signed_in(User.objects.create_user("clerk@nowhere.test"))
    closed = User.objects.create_user("closed@acme.test")
    Membership.objects.create(user=closed, register=acme, role=Role.DPO)
    found[CLOSED] = signed_in(closed)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    return found


@dataclass(frozen=True)
class Act:
    """Something a person does to a row, and how one sees that it came about."""

    send: Callable[[Client, Any], object]
    came_about: Callable[[Any], bool]


def order(name: str, seen: Callable[[Job], bool]) -> Act:
    """An order to a job, sent as a bulk action."""

    def send(client: Client, job: Job) -> None:
        client.post(reverse("admin:foundation_job_changelist"), {"action": name, "_selected_action": [job.pk]})

    return Act(send, lambda job: seen(Job.objects.get(pk=job.pk)))


def a_job(register: Any, state: str) -> Job:
    job = ask("documents.print", slot=f"state-{Job.objects.count()}", register=register)
    lease = {"lease_until": timezone.now() + timedelta(hours=1), "token": 1} if state == "running" else {}
    Job.objects.filter(pk=job.pk).update(state=state, **lease)
    return job


JOBS = {
    "pause": order("pause", lambda job: job.state == "paused" or job.order == "pause"),
    "resume": order("resume", lambda job: job.state == "asked"),
    "retry": order("retry", lambda job: job.state == "asked"),
    "cancel": order("cancel", lambda job: job.state == "cancelled" or job.order == "cancel"),
}
POSSIBLE = {  # the states in which each order means something
    "pause": {"asked", "running"},
    "resume": {"paused"},
    "retry": {"failed", "cancelled"},
    "cancel": {"asked", "running", "paused"},
}


def who_brought_about(act: Act, make: Callable[[], Any], people: dict[str, Client]) -> set[str]:
    """Return who of them brought it about, each with a row of their own that nobody touched before."""
    found = set()
    for name, client in people.items():
        row = make()
        act.send(client, row)
        if act.came_about(row):
            found.add(name)
    return found


@pytest.mark.parametrize("name", JOBS)
def test_orders_to_jobs(name, people, acme):
    for state in Job.State.values:
        if name in {"resume", "retry"} and state == "asked":
            continue  # it stands as the order would leave it
        if (name, state) in {("pause", "paused"), ("cancel", "cancelled")}:
            continue
        expected = KEEPERS if state in POSSIBLE[name] else set()
        assert who_brought_about(JOBS[name], lambda state=state: a_job(acme, state), people) == expected, state


def test_stops_of_work(people, acme):
    def stop(client: Client, row: Any) -> None:
        Halt.objects.all().delete()
        client.post(f"{reverse('admin:foundation_halt_add')}?register={acme.pk}", {"kind": "", "reason": "r"})

    stopped = Act(stop, lambda row: Halt.objects.filter(register=acme).exists())
    assert who_brought_about(stopped, lambda: None, people) == KEEPERS
    lift = Act(
        lambda client, halt: client.post(reverse("admin:foundation_halt_delete", args=[halt.pk]), {"post": "yes"}),
        lambda halt: not Halt.objects.filter(pk=halt.pk).exists(),
    )

    def one(register: Any) -> Halt:
        Halt.objects.all().delete()
        return orders.stop_work(register=register, reason="r", actor=None)

    assert who_brought_about(lift, lambda: one(acme), people) == KEEPERS
    assert who_brought_about(lift, lambda: one(None), people) == set()  # the operator's own


def test_decisions_on_mails(people, acme):
    def a_mail(state: str) -> Mail:
        n = Mail.objects.count()
        (mail,) = plan(to=["jane@people.example"], subject="A", body="a", slot=f"state-{n}", register=acme)
        at = timezone.now() if state == "handed_over" else None
        Mail.objects.filter(pk=mail.pk).update(state=state, token=1, handed_over_at=at)
        Job.objects.filter(pk=mail.job_id).update(state="done" if state == "handed_over" else "failed", token=1)
        return mail

    for decision, states, verb in (
        ("arrived", {"unknown"}, "mail_arrived"),
        ("again", {"unknown", "refused"}, "mail_sent_again"),
    ):
        act = Act(
            lambda client, mail, decision=decision: client.post(
                reverse("admin:foundation_mail_decide", args=[mail.pk, decision])
            ),
            lambda mail, verb=verb: Event.objects.filter(verb=verb, subject_id=mail.pk).exists(),
        )
        for state in Mail.State.values:
            expected = {DPO} if state in states else set()
            assert who_brought_about(act, lambda state=state: a_mail(state), people) == expected, (decision, state)


def test_revoking_tokens(people, acme, dpo):
    def a_token(state: str) -> ServiceToken:
        now = timezone.now()
        token = ServiceToken(register=acme, name="t", scopes=["editions:view"], expires_at=now + timedelta(days=9))
        tokens.make(token, by=dpo, at=now)
        past = {"expired": {"expires_at": now - timedelta(days=1)}, "revoked": {"revoked_at": now}}
        ServiceToken.objects.filter(pk=token.pk).update(**past.get(state, {}))
        return token

    def revoked(token: ServiceToken) -> bool:
        return Event.objects.filter(verb="service_token_revoked", subject_id=token.pk).exists()

    act = Act(
        lambda client, token: client.post(reverse("admin:foundation_servicetoken_revoke", args=[token.pk])), revoked
    )
    assert who_brought_about(act, lambda: a_token("works"), people) == KEEPERS
    assert who_brought_about(act, lambda: a_token("revoked"), people) == set()
    assert who_brought_about(act, lambda: a_token("expired"), people) <= KEEPERS


def test_downloading_documents(people, acme, dpo):
    edition = publish(acme, actor=dpo, at=timezone.now())

    def a_print(state: str) -> Print:
        Print.objects.all().delete()
        print_ = printed(edition, content=b"%PDF-1.7 state")
        if state != "done":
            Print.objects.filter(pk=print_.pk).update(sha256="", file="")
            Job.objects.filter(pk=print_.job_id).update(state=state)
        return print_

    act = Act(
        lambda client, print_: client.get(reverse("print-download", args=[print_.pk])),
        lambda print_: Event.objects.filter(verb="document_downloaded", subject_id=print_.pk).exists(),
    )
    assert who_brought_about(act, lambda: a_print("done"), people) == READERS
    for state in ("asked", "failed", "cancelled"):
        assert who_brought_about(act, lambda state=state: a_print(state), people) == set()


def test_changing_memberships(people, acme):
    def a_member() -> Membership:
        user = User.objects.create_user(f"someone-{User.objects.count()}@acme.test")
        return Membership.objects.create(user=user, register=acme, role=Role.STAFF)

    change = Act(
        lambda client, row: client.post(
            reverse("admin:foundation_membership_change", args=[row.pk]), {"role": Role.AUDITOR.value}
        ),
        lambda row: Membership.objects.filter(pk=row.pk, role=Role.AUDITOR).exists(),
    )
    withdraw = Act(
        lambda client, row: client.post(reverse("admin:foundation_membership_delete", args=[row.pk]), {"post": "yes"}),
        lambda row: not Membership.objects.filter(pk=row.pk).exists(),
    )
    for act in (change, withdraw):
        assert who_brought_about(act, a_member, people) == {ADMINISTRATOR}


def test_everybody_was_asked(people):
    assert set(people) == {NOBODY, CLERK, CLOSED, *(role.value for role in Role)} | ELSEWHERE
