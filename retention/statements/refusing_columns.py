"""Why the treatment of a column may not stand: it cannot be written, or it would leave a person's data behind."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from sqlalchemy import Column, Table, types

from retention import made_values
from retention.mapping import ChildFate, ColumnMapping, Step, Treatment
from retention.statements.conditions import never
from retention.statements.days import DATED
from retention.statements.part import Part
from retention.statements.plan import ERASING, Plan
from retention.statements.schema import Catalogue
from retention.statements.tables import Kind, kind_of
from retention.statements.treated import MADE, constant, is_mail, length_of

UNIQUE_PER_ROW = frozenset({Treatment.NULL, Treatment.KEYED_HASH, Treatment.FILLER, Treatment.KEEP})


def missing_columns(table: Table, names: Sequence[str]) -> list[str]:
    """Return a reason for each column that the table does not have."""
    said = [{"table": table.fullname, "column": name} for name in dict.fromkeys(names) if name and name not in table.c]
    return [_("“%(table)s” has no column “%(column)s” that this role can see.") % each for each in said]


def column_reasons(catalogue: Catalogue, plan: Plan) -> list[str]:
    """Return what stands against the treatment of single columns, in the target and its children."""
    reasons = list(_of_part(catalogue, plan, plan.part, plan.work.mapping.key))
    if plan.step is Step.LIMIT_ACCESS:
        if any(each.treatment is not Treatment.KEEP for each in plan.work.mapping.columns):
            reasons.append(
                _("Limited access sets one column and treats none: keep the others, or choose another step.")
            )
        return reasons
    for child in plan.children:
        fixed = (*[column.name for column in child.part.table.primary_key.columns], *child.foreign_key)
        reasons += _of_part(catalogue, plan, child.part, fixed)
        if child.fate is ChildFate.TREAT and not child.part.treated:
            said = {"table": child.part.table.fullname}
            reasons.append(_("No column of “%(table)s” has a treatment: say what becomes of each.") % said)
    return reasons


def _of_part(catalogue: Catalogue, plan: Plan, part: Part, key: Sequence[str]) -> Iterator[str]:
    names = [each.name for each in part.columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _("“%(column)s” is named twice: it can have one treatment only.") % {"column": _said(part, name)}
    deciding = _deciding(plan, part)
    for each in part.treated:
        column = part.column(each)
        said = {"column": _said(part, each.name)}
        if each.name in key:
            yield _("“%(column)s” belongs to a key: it cannot be treated.") % said
        if column.computed is not None or (column.identity is not None and column.identity.always):
            yield _("“%(column)s” is computed by the database: treat the columns it comes from.") % said
        if each.name in deciding and each.treatment is not Treatment.YEAR_ONLY:
            yield _("“%(column)s” tells whether the row is due: as the row may have to stay, keep this column.") % said
        if (reason := _unfit(plan, part, each, column)) is not None:
            yield reason
        yield from _against_constraints(catalogue, part, each, key)
    if part.made and not part.table.primary_key.columns:
        said = {"table": part.table.fullname}
        yield _("“%(table)s” has no primary key: no value can be made for its rows.") % said


def _said(part: Part, name: str) -> str:
    return f"{part.table.fullname}.{name}"


def _deciding(plan: Plan, part: Part) -> frozenset[str]:
    """The columns by which a row of an erasing target is found again once nothing keeps it any more."""
    if plan.step not in ERASING:
        return frozenset()
    laws = {each.law.dated_by for each in part.columns if each.law} | ({part.law.dated_by} if part.law else set())
    if not part.is_target:
        return frozenset(laws)
    mapping = plan.work.mapping
    return frozenset({*laws, *mapping.events.values(), mapping.state_column, mapping.returned_column})


def _unfit(plan: Plan, part: Part, mapping: ColumnMapping, column: Column[object]) -> str | None:
    """Return why the treatment cannot be written into the column."""
    kind, said = kind_of(column, plan.place.dialect), {"column": _said(part, mapping.name)}
    if mapping.treatment is Treatment.NULL and not column.nullable:
        return _("“%(column)s” may not be empty: choose a constant or a generated value.") % said
    if mapping.treatment is Treatment.CONSTANT:
        try:
            constant(mapping.constant, column, plan.place)
        except ValueError:
            return _("The constant for “%(column)s” is too long for the column, or of another type.") % said
    if mapping.treatment is Treatment.ARCHIVE_ONLY and plan.step is not Step.ARCHIVE:
        return _("“%(column)s” is to stay in the archive only: this step has none.") % said
    if plan.step is Step.ARCHIVE and mapping.treatment in MADE:
        return _("“%(column)s”: no value is made on the way into the archive; keep it, or empty it.") % said
    if mapping.treatment is Treatment.YEAR_ONLY and kind not in DATED:
        return _("“%(column)s” holds no date: it has no year.") % said
    if mapping.treatment in MADE - {Treatment.YEAR_ONLY}:
        return _unfit_text(mapping, column, kind, said)
    return None


def _unfit_text(mapping: ColumnMapping, column: Column[object], kind: Kind, said: dict[str, str]) -> str | None:
    if kind is not Kind.TEXT or isinstance(column.type, types.Enum):
        return _("“%(column)s” holds no text: this treatment makes texts.") % said
    length = length_of(column)
    too_short = (
        mapping.treatment is Treatment.KEYED_HASH and made_values.hash_digits(length) is None
    ) or (
        mapping.treatment is Treatment.FILLER and made_values.filler_digits(length, is_mail=is_mail(mapping)) is None
    )  # fmt: skip
    return _("“%(column)s” is too short for a generated value.") % said if too_short else None


def _against_constraints(catalogue: Catalogue, part: Part, mapping: ColumnMapping, key: Sequence[str]) -> Iterator[str]:
    said = {"column": _said(part, mapping.name)}
    treatments = {each.name: each.treatment for each in part.columns}
    if mapping.treatment not in UNIQUE_PER_ROW:
        for names in catalogue.unique_sets(part.table):
            others = names - {mapping.name}
            apart = others & set(key) or any(
                treatments.get(name) in {Treatment.NULL, Treatment.FILLER} for name in others
            )
            if mapping.name in names and not apart:
                yield _("“%(column)s” is unique: the same value in several rows would break that.") % said
                break
    if mapping.treatment is not Treatment.NULL and any(
        mapping.name in each.columns for each in catalogue.held_by(part.table)
    ):
        yield _("“%(column)s” points at another table: it can be emptied or kept, nothing else.") % said


# -- rows that stay ----------------------------------------------------------------------------------------------------


def declared_reasons(catalogue: Catalogue, plan: Plan) -> list[str]:
    """Return what would be left of a person where a row stays: columns without a treatment, identifiers kept."""
    reasons: list[str] = []
    if plan.step in {Step.LIMIT_ACCESS, Step.ARCHIVE}:
        return reasons
    mapping = plan.work.mapping
    if plan.step not in ERASING or not plan.all_go:
        known = {
            *mapping.key,
            *mapping.events.values(),
            mapping.state_column,
            mapping.returned_column,
            mapping.access_column,
        }
        reasons += _left(catalogue, plan.part, known, may_identify=plan.step is Step.SUPPRESSION_LIST)
        reasons += [
            _("The key column “%(column)s” identifies the person, and stays with the row.") % {"column": each.name}
            for each in mapping.columns
            if each.identity and each.name in mapping.key
        ]
    for child in plan.children:
        stays = child.fate is ChildFate.TREAT or not never(child.part.something_is_kept())
        if child.fate is not ChildFate.KEEP and stays:
            reasons += _left(catalogue, child.part, set(child.foreign_key), may_identify=False)
    return reasons


def _left(catalogue: Catalogue, part: Part, known: set[str], *, may_identify: bool) -> Iterator[str]:
    pointing = {name for link in catalogue.held_by(part.table) for name in link.columns}
    dates = {law.dated_by for law in (part.law, *[each.law for each in part.columns]) if law}
    keys = {column.name for column in part.table.primary_key.columns}
    declared = {each.name for each in part.columns}
    for column in part.table.columns:
        if column.name not in declared | known | pointing | dates | keys and column.computed is None:
            said = {"column": _said(part, column.name)}
            yield _("The row may stay: say what becomes of “%(column)s”, even if it is kept.") % said
    for each in part.columns:
        if each.identity and each.treatment is Treatment.KEEP and not may_identify and each.law is None:
            said = {"column": _said(part, each.name)}
            yield _("“%(column)s” identifies the person and would stay: choose a treatment.") % said
