"""Opening the place where a target's rows stand; apps above declare the places that are theirs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from foundation import history
from foundation.accounts.models import User
from retention.errors import GroundUndeclared, SourceRefused
from retention.ground import Ground
from retention.mapped import mapping_of
from retention.mapping import TableMapping
from retention.models import DataSource, Target
from retention.places import login_of, set_address

if TYPE_CHECKING:
    from sqlalchemy import Engine

Factory = Callable[[Target], Ground]

_factories: Final[dict[str, Factory]] = {}


def declare(kind: DataSource.Kind, factory: Factory) -> None:
    """Say who opens the sources of a kind; called once, in the app's `ready()`."""
    _factories[kind] = factory


@contextmanager
def opened(target: Target, mapping: TableMapping | None = None) -> Iterator[Ground]:
    """Open the place where the target's rows stand, and let go of it afterwards.

    A ground speaks of one mapping: the target's of now, or the one that a run has pinned.
    """
    ground = _open(target, mapping or mapping_of(target))
    try:
        yield ground
    finally:
        ground.close()


def _open(target: Target, mapping: TableMapping) -> Ground:
    factory = _factories.get(target.source.kind)
    if factory is not None:
        return factory(target)
    if target.source.kind != DataSource.Kind.DATABASE:
        raise GroundUndeclared(
            _("Nothing in this installation reaches sources of the kind “%(kind)s”: choose another source.")
            % {"kind": target.source.get_kind_display()}
        )
    from retention.statements.ground import SqlGround  # SQLAlchemy takes its time to load: only where it is needed

    return SqlGround(engine_of(target.source), mapping, zone=target.register.time_zone)


def engine_of(source: DataSource) -> "Engine":
    """Return an engine on a business database, by its sealed address."""
    from retention.sources.connecting import engine_for, places

    if not source.url:
        raise SourceRefused(_("The source “%(name)s” has no address yet: give it one.") % {"name": source.name})
    return engine_for(login_of(source), places=places())


@sensitive_variables()  # also what the transaction around it was called with
@transaction.atomic
def set_url(source: DataSource, url_text: str, *, by: User | None) -> DataSource:
    """Give a source its address after checking it; it stands sealed, only the place without secrets is shown."""
    locked = DataSource.objects.select_for_update(no_key=True).select_related("register").get(pk=source.pk)
    with history.because("retention.grounds.set_url", actor=by):
        locked.tried_at, locked.tried_code = None, ""
        locked.save(update_fields=["tried_at", "tried_code"])
        set_address(locked, url_text)
    return locked
