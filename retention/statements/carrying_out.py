"""A batch carried out: one transaction, in which each statement checks again that the rows are due and not held.

Where one DELETE or one UPDATE says it all, it is sent as it is. Where all rows go with all their child rows, no lock is
taken first: the child rows go, then the rows where they are due, and unless that was every row, nothing is kept of it.
Otherwise the rows are locked first, so that what was decided about them holds until the end: then the child rows, then
the rows that go, then the treatment of those that stay. Rows that another session holds are waited for once, as long as
the connection allows; then they are left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Delete, Engine, Insert, Update, delete, insert, select, update

from retention.errors import GroundError
from retention.ground import Done, nothing_more
from retention.mapping import Key, Step, Treatment
from retention.statements.choosing import choose, free_of_locks, locked_by_others
from retention.statements.conditions import Condition, both, never
from retention.statements.failures import Cause
from retention.statements.keys import among, written
from retention.statements.looking import keys_where, still_due
from retention.statements.part import Child
from retention.statements.plan import Plan, conditional
from retention.statements.tables import columns_of
from retention.statements.transactions import reading, writing
from retention.statements.treated import plain_value
from retention.statements.treating import all_of, plain_changes, treat

WAITED_IN_VAIN = frozenset({Cause.LOCKED, Cause.DEADLOCK})


class NotAllWent(Exception):
    """A row is not due any more, or something new hangs on it: what was begun is taken back."""


def carry_out(engine: Engine, plan: Plan, keys: Sequence[Key], *, make_sure: Callable[[], None] = nothing_more) -> Done:
    """Erase or treat these rows where they are still due; those that others hold for long are left, and named."""
    if not keys or never(plan.due):
        return Done()
    if not plan.work.secret and any(part.made for part in (plan.part, *[child.part for child in plan.children])):
        raise RuntimeError("Values are made under the secret of the run: this work has none.")
    try:
        return _first_attempt(engine, plan, keys, make_sure)
    except GroundError as error:
        if error.cause not in WAITED_IN_VAIN:
            raise
    if plan.place.can_skip_locked:
        try:
            return _attempt(engine, plan, keys, make_sure, skip_locked=True)
        except GroundError as error:
            if error.cause not in WAITED_IN_VAIN:
                raise
    with reading(engine) as connection:
        return Done(locked=tuple(still_due(connection, plan, keys)))


def _first_attempt(engine: Engine, plan: Plan, keys: Sequence[Key], make_sure: Callable[[], None]) -> Done:
    """Wait for the rows that others hold, as long as the connection allows."""
    if plan.goes_with_children and plan.place.dialect == "postgresql":
        try:
            with writing(engine) as connection:
                done = _with_children(connection, plan, keys)
                make_sure()
                return done
        except NotAllWent:
            pass
        except GroundError as error:
            if error.cause != Cause.CONSTRAINT:  # a child row that was added in between
                raise
    return _attempt(engine, plan, keys, make_sure, skip_locked=False)


def _with_children(connection: Connection, plan: Plan, keys: Sequence[Key]) -> Done:
    """Erase rows with all that hangs on them; the rows are asked again as they go, so that none has to be locked."""
    children: dict[str, tuple[int, int]] = {}
    for child in plan.children:
        name, link = str(child.part.table.fullname), columns_of(child.part.table, child.foreign_key)
        went = connection.execute(delete(child.part.table).where(among(link, keys, plan.place))).rowcount
        children[name] = (children.get(name, (0, 0))[0] + went, 0)
    done = _at_once(connection, plan, keys)
    if len(done.erased) != len(keys):
        raise NotAllWent
    return replace(done, children=children)


def _attempt(
    engine: Engine, plan: Plan, keys: Sequence[Key], make_sure: Callable[[], None], *, skip_locked: bool
) -> Done:
    with writing(engine) as connection:
        if plan.is_one_statement and plan.place.dialect == "postgresql" and not skip_locked:
            done = _at_once(connection, plan, keys)
        else:
            done = _step_by_step(connection, plan, keys, skip_locked=skip_locked)
        make_sure()
        return done


def _at_once(connection: Connection, plan: Plan, keys: Sequence[Key]) -> Done:
    condition = both(among(plan.key, keys, plan.place), plan.due)
    statement: Delete | Update = delete(plan.target)
    if not plan.all_go:
        statement = update(plan.target).values(plain_changes(plan.part, frozenset()))
    done = connection.execute(statement.where(condition).returning(*plan.key))
    found = {written(row) for row in done}
    touched = tuple(key for key in keys if key in found)
    return Done(erased=touched) if plan.all_go else Done(treated=touched)


def _step_by_step(connection: Connection, plan: Plan, keys: Sequence[Key], *, skip_locked: bool) -> Done:
    condition = both(among(plan.key, keys, plan.place), plan.due)
    chosen = choose(connection, plan, plan.part, plan.key, condition, skip_locked=skip_locked)
    ours = {each.key for each in chosen}
    if skip_locked:
        ours = free_of_locks(connection, plan, sorted(ours, key=repr))
        chosen = [each for each in chosen if each.key in ours]
    locked = locked_by_others(connection, plan, keys, ours) if skip_locked else ()
    if not chosen:
        return Done(locked=locked)
    own = [each.key for each in chosen]
    children: dict[str, tuple[int, int]] = {}
    for child in plan.children:
        name = str(child.part.table.fullname)
        erased, treated = children.get(name, (0, 0))
        more_erased, more_treated = _child_rows(connection, plan, child, own)
        children[name] = (erased + more_erased, treated + more_treated)
    going = own if plan.all_go else keys_where(connection, plan, own, plan.goes)
    _remove(connection, plan, going)
    gone = set(going)
    staying = [each for each in chosen if each.key not in gone]
    treat(connection, plan.part, plan.key, staying)
    return Done(tuple(going), tuple(each.key for each in staying), locked, children)


def _child_rows(connection: Connection, plan: Plan, child: Child, parents: Sequence[Key]) -> tuple[int, int]:
    """Erase and treat the rows of a child table that hang on locked rows; return how many of each."""
    part, erased, treated = child.part, 0, 0
    link = among(columns_of(part.table, child.foreign_key), parents, plan.place)
    if not never(child.goes):
        erased = connection.execute(delete(part.table).where(both(link, child.goes))).rowcount
    if never(child.is_untreated):
        return erased, treated
    condition = both(link, child.is_untreated)
    if part.made or conditional(part):
        key = tuple(part.table.primary_key.columns)
        rows = choose(connection, plan, part, key, condition)
        treat(connection, part, key, rows)
        return erased, len(rows)
    changes = plain_changes(part, frozenset())
    return erased, connection.execute(update(part.table).values(changes).where(condition)).rowcount


def _remove(connection: Connection, plan: Plan, keys: Sequence[Key]) -> None:
    """Take rows out of the table, into the archive where the step says so: all of them, or none and an error."""
    if not keys:
        return
    chosen = among(plan.key, keys, plan.place)
    if plan.step is Step.ARCHIVE:
        all_of(
            connection.execute(_into_archive(plan, chosen), execution_options={"preserve_rowcount": True}), len(keys)
        )
    all_of(connection.execute(delete(plan.target).where(chosen)), len(keys))


def _into_archive(plan: Plan, chosen: Condition) -> Insert:
    archive, treated = plan.tables.archive, {each.name: each for each in plan.part.treated}
    assert archive is not None, "a mapping without an archive is refused"
    copied = {
        column.name: plain_value(treated[column.name], column, plan.place)
        if column.name in treated and treated[column.name].treatment is not Treatment.ARCHIVE_ONLY
        else column
        for column in plan.target.columns
        if column.name in archive.c and archive.c[column.name].computed is None
    }
    return insert(archive).from_select(list(copied), select(*copied.values()).where(chosen))
