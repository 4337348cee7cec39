"""The tables of a source: what stands in each, which targets map it, and the way to a proposed mapping."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.admin_scope import REGISTER
from retention.admin.acts import ActingPage
from retention.admin.live import readable, schema_of
from retention.mapping import TableName
from retention.models import DataSource, RetentionRule, Target
from retention.sources.tables import Schema, Table


@dataclass(frozen=True)
class TableShown:
    """A table of the database, with the targets that map it and the tables that hang on it."""

    table: Table
    targets: tuple[Target, ...]
    mapped_as_child: tuple[Target, ...]

    @property
    def name(self) -> TableName:
        return self.table.name

    @property
    def hanging(self) -> list[str]:
        return sorted({str(key.table) for key in self.table.incoming if key.table != self.table.name})

    @property
    def columns(self) -> list[tuple[Any, bool, list[str], list[str]]]:
        """Each column, whether it is of the key, what it points at, and the targets that name it."""
        return [
            (
                column,
                column.name in self.table.primary_key,
                [str(key.target) for key in self.table.foreign_keys if column.name in key.columns],
                [target.name for target in self.targets if column.name in _named_by(target)],
            )
            for column in self.table.columns
        ]


class SchemaPage(ActingPage):
    def schema_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the tables of the database, or one of them with its columns."""
        source = self.reached(request, pk)
        schema: Schema | None = None
        with readable() as refusals:
            schema = schema_of(source)
        tables = _tables(source, schema) if schema else []
        context: dict[str, Any] = {"tables": tables, "refusals": refusals, "has_address": bool(source.url)}
        if schema is not None and "table" in request.GET:
            wanted = TableName(request.GET["table"], request.GET.get("schema", ""))
            table = next((one for one in tables if one.name == wanted), None)
            if table is None:
                raise Http404
            rules = RetentionRule.objects.filter(register=source.register_id).order_by("position", "pk")
            add = {"address": reverse("admin:retention_target_add"), "register": source.register_id, "key": REGISTER}
            page = {"table": table, "rules": rules, "add": add}
            return self.shown(request, "table.html", source, title=str(wanted), **context, **page)
        return self.shown(request, "schema.html", source, title=_("Tables of %s") % source, **context)


def _tables(source: DataSource, schema: Schema) -> list[TableShown]:
    targets = list(Target.objects.with_mapping().filter(source=source))
    return [
        TableShown(
            table,
            tuple(one for one in targets if TableName(one.table, one.schema) == table.name),
            tuple(
                one
                for one in targets
                if any(TableName(child.table, child.schema) == table.name for child in one.children.all())
            ),
        )
        for table in sorted(schema.tables.values(), key=lambda table: str(table.name))
    ]


def _named_by(target: Target) -> set[str]:
    return {
        *target.key_columns,
        *(event.column for event in target.events.all()),
        *(column.name for column in target.columns.all() if column.child_id is None),
    }
