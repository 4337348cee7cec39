"""Why foreign keys stand against a mapping: rows stranded, a constraint broken, rows erased that nobody named."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from sqlalchemy import Table

from retention.mapping import ChildFate
from retention.statements.conditions import never
from retention.statements.foreign_keys import Link
from retention.statements.part import Child
from retention.statements.plan import Plan
from retention.statements.schema import Catalogue
from retention.statements.tables import columns_of, kind_of


def link_reasons(catalogue: Catalogue, plan: Plan) -> list[str]:
    """Return what foreign keys, or links that are none, say against the mapping."""
    reasons = list(_of_children(catalogue, plan))
    if not plan.none_goes:
        reasons += _unmapped(catalogue, plan, plan.target)
    for child in plan.children:
        if not never(child.goes):
            reasons += _unmapped(catalogue, plan, child.part.table)
    return reasons


def _of_children(catalogue: Catalogue, plan: Plan) -> Iterator[str]:
    seen = set()
    for child in plan.children:
        table = child.part.table
        said = {"table": table.fullname, "columns": ", ".join(child.foreign_key), "target": plan.target.fullname}
        if (table.fullname, child.foreign_key) in seen:
            yield _("“%(table)s” is named twice as a child by %(columns)s.") % said
        seen.add((table.fullname, child.foreign_key))
        if catalogue.key_of(table) == catalogue.key_of(plan.target):
            yield _("“%(table)s” cannot be a child of itself.") % said
        elif not _hangs(catalogue, plan, child):
            yield _("%(columns)s of “%(table)s” does not point at the key of “%(target)s”.") % said
        elif (
            not plan.none_goes
            and child.fate is not ChildFate.ERASE
            and not _may_lose_its_parent(catalogue, plan, child)
        ):
            yield _(
                "Rows of “%(table)s” stay while those of “%(target)s” go, and point at them: erase them, "
                "or let the foreign key be emptied on delete."
            ) % said  # fmt: skip


def _link_of(catalogue: Catalogue, child: Child) -> list[Link]:
    own = catalogue.held_by(child.part.table)
    return [link for link in own if set(link.columns) == set(child.foreign_key)]


def _hangs(catalogue: Catalogue, plan: Plan, child: Child) -> bool:
    """Whether the columns point at the key, by a foreign key; without one, whether they could hold it."""
    key = plan.work.mapping.key
    if len(child.foreign_key) != len(key) or len(set(child.foreign_key)) != len(key):
        return False
    links = _link_of(catalogue, child)
    if not links:
        own = columns_of(child.part.table, child.foreign_key)
        kinds = [kind_of(column, plan.place.dialect) for column in own]
        return kinds == [kind_of(column, plan.place.dialect) for column in plan.key]
    pairs = set(zip(child.foreign_key, key, strict=True))
    primary = tuple(column.name for column in plan.target.primary_key.columns)
    return any(
        link.target == catalogue.key_of(plan.target)
        and set(zip(link.columns, link.target_columns or primary, strict=True)) == pairs
        for link in links
    )


def _may_lose_its_parent(catalogue: Catalogue, plan: Plan, child: Child) -> bool:
    """Whether rows of a child table may stay when their parent goes."""
    links = [link for link in _link_of(catalogue, child) if link.target == catalogue.key_of(plan.target)]
    empties = {"SET NULL", "SET DEFAULT"}
    return all(link.on_delete in empties for link in links)


def _unmapped(catalogue: Catalogue, plan: Plan, table: Table) -> Iterator[str]:
    """Foreign keys that point at rows that go, from tables of which the mapping says nothing."""
    mapped = {(catalogue.key_of(child.part.table), frozenset(child.foreign_key)) for child in plan.children}
    erased = {catalogue.key_of(child.part.table) for child in plan.children if not never(child.goes)}
    own = catalogue.key_of(table)
    for link in catalogue.pointing_at(table):
        said = {"table": table.fullname, "link": link.said}
        if own == catalogue.key_of(plan.target):
            if (link.holder, frozenset(link.columns)) in mapped:
                continue
        elif link.holder in erased and link.holder != own:
            continue
        if link.holder == own and link.on_delete == "SET NULL":
            continue
        if link.on_delete == "CASCADE":
            yield _("Rows of %(link)s would be erased with “%(table)s”, and the mapping does not say so.") % said
        else:
            yield _("%(link)s points at “%(table)s”, and the mapping does not say what becomes of its rows.") % said
