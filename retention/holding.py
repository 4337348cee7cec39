"""Opening and releasing legal holds: what identifies a person or a record stands sealed (art. 17(3)(e))."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from foundation import history
from foundation.accounts.models import Register, User
from foundation.evidence.models import Event
from foundation.evidence.record import record
from foundation.keys import vault
from register.models import ProcessingActivity
from retention.errors import HoldRefused
from retention.exclusions import PURPOSE, as_text, normal
from retention.mapping import Key
from retention.models import LegalHold, RetentionRule, Target

Scope = LegalHold.Scope


@sensitive_variables()  # also what the transaction around it was called with
@transaction.atomic
def open_hold(
    register: Register,
    *,
    scope: str,
    reason: str,
    opened_on: date,
    review_on: date,
    by: User | None,
    rule: RetentionRule | None = None,
    activity: ProcessingActivity | None = None,
    target: Target | None = None,
    record_key: Key | None = None,
    identity: str = "",
    person: str = "",
) -> LegalHold:
    """Hold a person, a record, a rule or an activity until it is released; it counts from the next batch on."""
    _refuse(scope, rule=rule, activity=activity, target=target, record_key=record_key, identity=identity, person=person)
    if review_on < opened_on:
        raise HoldRefused(_("The day of the review lies before the beginning of the hold."))
    with history.because("retention.open_hold", actor=by):
        hold = LegalHold.objects.create(
            register=register,
            scope=scope,
            rule=rule if scope == Scope.RULE else None,
            activity=activity if scope == Scope.ACTIVITY else None,
            target=target if scope == Scope.RECORD else None,
            identity=identity if scope == Scope.PERSON else "",
            reason=reason,
            opened_by=by,
            opened_on=opened_on,
            review_on=review_on,
        )
        if scope == Scope.PERSON:
            _seal(hold, "person", normal(person))
        if scope == Scope.RECORD and record_key is not None:
            _seal(hold, "record_key", as_text(record_key))
    record(Event.Verb.HOLD_OPENED, hold, register=register, actor=by, details={"scope": str(scope)})
    return hold


@transaction.atomic
def release_hold(hold: LegalHold, *, reason: str, on: date, by: User | None) -> LegalHold:
    """Release a hold: what it kept is due at once if its period is over."""
    locked = LegalHold.objects.select_for_update(no_key=True).select_related("register").get(pk=hold.pk)
    if not locked.is_open:
        raise HoldRefused(_("This hold has been released already."))
    if on < locked.opened_on:
        raise HoldRefused(_("The release lies before the beginning of the hold."))
    with history.because("retention.release_hold", actor=by):
        locked.released_on, locked.released_by, locked.release_reason = on, by, reason
        locked.save(update_fields=["released_on", "released_by", "release_reason"])
    record(Event.Verb.HOLD_RELEASED, locked, register=locked.register, actor=by, details={"scope": locked.scope})
    return locked


@sensitive_variables("plain")
def _seal(hold: LegalHold, field: str, plain: str) -> None:
    key = vault.data_key(PURPOSE, register=hold.register, subject=hold.pk)
    setattr(hold, field, vault.seal_text(plain, key=key, place=vault.Place.of(hold, field)))
    hold.save(update_fields=[field])


def _refuse(
    scope: str,
    *,
    rule: RetentionRule | None,
    activity: ProcessingActivity | None,
    target: Target | None,
    record_key: Key | None,
    identity: str,
    person: str,
) -> None:
    given = {
        Scope.PERSON: bool(identity and normal(person)),
        Scope.RECORD: target is not None and bool(record_key),
        Scope.RULE: rule is not None,
        Scope.ACTIVITY: activity is not None,
    }
    if not given.get(Scope(scope), False):
        raise HoldRefused(_("Say what is held: a person, a record of a target, a rule or an activity."))
    if target is not None and record_key and len(record_key) != len(target.key_columns):
        raise HoldRefused(
            _("The key of a record of this target has %(number)d values: give each of them.")
            % {"number": len(target.key_columns)}
        )
