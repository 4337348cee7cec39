"""The admin of rows that belong to registers: only visible ones exist, and a form never leaves its register."""

from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import permissions
from foundation.accounts.models import Register
from foundation.admin_filters import REGISTER_FILTER, RegisterFilter, VisibleFilter
from foundation.admin_forms import ScopedForm, ScopedFormSet, list_field, next_position
from foundation.admin_history import HistoryPage
from foundation.admin_pages import NamedPage
from foundation.admin_scope import (
    REGISTER,
    ScopedRelated,
    ScopedSelect,
    ScopedSelectMultiple,
    chosen_register,
    enter,
    is_scoped,
    labels_of,
    person,
    register_of,
)
from foundation.admin_types import OfAny, PageAdmin, StackedLines, TabularLines
from foundation.errors import RuleViolation
from foundation.rows import LAST


class EntryGone(RuleViolation):
    """The row was deleted between the page on which it stood and the answer to it."""

    code = "entry_gone"

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This entry was deleted meanwhile; nothing was saved."))


def hold(*registers: int) -> None:
    """Wait for whoever replaces or publishes these registers, and have them wait for this transaction."""
    list(Register.objects.select_for_update(no_key=True).filter(pk__in=registers).order_by("pk"))


class ByRole(OfAny):
    """Permissions from the one access table; `row` may be the line's parent, which lies in the same register."""

    def _may(self, request: HttpRequest, verb: str, row: Any) -> bool:
        known = row if getattr(row, "register_id", None) else None
        return permissions.may(person(request), verb, self.model, known)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, permissions.VIEW, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, permissions.ADD, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, permissions.CHANGE, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, permissions.DELETE, obj)


class ScopedFields(OfAny):
    """Fields that point at other rows accept and offer those of the form's register only."""

    offers_to_add = True
    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}}

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.visible_to(person(request))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField) and not isinstance(db_field.base_field, ArrayField):
            return list_field(db_field)
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and is_scoped(db_field.related_model) and isinstance(field.widget, RelatedFieldWidgetWrapper):
            given = field.widget
            field.widget = ScopedRelated(
                given.widget,
                given.rel,
                given.admin_site,
                can_add_related=given.can_add_related and self.offers_to_add,
                can_view_related=given.can_view_related and isinstance(self, admin.ModelAdmin),
            )
            target = self.admin_site.get_model_admin(db_field.related_model)
            field.label_from_instance = getattr(target, "label", str)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if is_scoped(db_field.related_model):
            widget = ScopedSelect(db_field, self.admin_site, using=kwargs.get("using"))
            kwargs["widget"] = widget.inside(register_of(request), labels_of(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if is_scoped(db_field.related_model):
            widget = ScopedSelectMultiple(db_field, self.admin_site, using=kwargs.get("using"))
            kwargs["widget"] = widget.inside(register_of(request), labels_of(request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Return the rows a field may point at: visible, and of the form's register."""
        if not is_scoped(db_field.related_model):
            return super().get_field_queryset(db, db_field, request)
        target: Any = self.admin_site.get_model_admin(db_field.related_model)
        rows = db_field.related_model._default_manager.visible_to(person(request))
        related = target.list_select_related
        if isinstance(related, list | tuple):
            rows = rows.select_related(*related)
        return rows.filter(register=register_of(request))


class ScopedAdmin(HistoryPage, NamedPage, ByRole, ScopedFields, PageAdmin):
    """One kind of row of a register."""

    form: Any = ScopedForm
    list_select_related: ClassVar[Any] = ()
    fieldsets: ClassVar[Any] = None
    list_per_page = 50
    show_full_result_count = False
    about: "str | Promise" = ""  # what stands in this list, in a sentence

    def label(self, row: Any) -> str:
        """Return how a row is called where one is chosen among others."""
        return str(row)

    # -- whose rows ----------------------------------------------------------------------------------------------

    def _several(self, request: HttpRequest) -> bool:
        resource = permissions.resource_of(self.model)
        roles = person(request).roles_by_register().values()
        return sum(permissions.allows(role, resource, permissions.VIEW) for role in roles) > 1

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = list(super().get_list_filter(request))
        if not self._several(request):
            return filters
        if REGISTER_FILTER not in request.GET:  # the rows of all registers would make lists that nobody reads
            filters = [one for one in filters if not (isinstance(one, tuple) and one[1] is VisibleFilter)]
        return [("register", RegisterFilter), *filters]

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = list(super().get_list_display(request))
        return [*columns, "register"] if self._several(request) else columns

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("register", *self.list_select_related)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        register = request.GET.get(REGISTER, "")
        if request.resolver_match and request.resolver_match.url_name == "autocomplete" and register:
            is_number = register.isascii() and register.isdigit()
            queryset = queryset.filter(register=register) if is_number else queryset.none()
        return super().get_search_results(request, queryset, search_term)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404  # whether it exists elsewhere is nobody's business

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"title": capfirst(str(self.opts.verbose_name_plural)), "about": self.about}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    # -- one form, one register ----------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        register = chosen_register(request, self.model)
        if register is None:
            return self._ask_register(request)
        enter(request, register)
        return super().add_view(request, form_url, {**(extra_context or {}), "in_register": register})

    def _changeform_view(self, request: HttpRequest, object_id: str | None, *args: Any) -> HttpResponse:
        self._hold(request, object_id)
        response: HttpResponse = super()._changeform_view(request, object_id, *args)  # type: ignore[misc]
        return response

    def _delete_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        self._hold(request, object_id)
        response: HttpResponse = super()._delete_view(request, object_id, *args)  # type: ignore[misc]
        return response

    def _hold(self, request: HttpRequest, object_id: str | None) -> None:
        """Hold the register before a form is read, so that what it is checked against stands until it is saved."""
        if request.method != "POST":
            return
        row = self.get_object(request, unquote(object_id)) if object_id is not None else None
        register = row.register if row is not None else register_of(request)
        if register is not None:
            hold(register.pk)
        if row is not None and not self.model._default_manager.filter(pk=row.pk).exists():
            raise EntryGone

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        with transaction.atomic():
            hold(*queryset.order_by().values_list("register", flat=True).distinct())
            super().delete_queryset(request, queryset)

    def _ask_register(self, request: HttpRequest) -> HttpResponse:
        resource = permissions.resource_of(self.model)
        query = request.GET.copy()
        registers = []
        for register in permissions.registers_allowing(person(request), resource, permissions.ADD):
            query[REGISTER] = str(register.pk)
            registers.append((register, query.urlencode()))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add: %s") % self.opts.verbose_name,
            "opts": self.opts,
            "registers": registers,
            "is_popup": "_popup" in request.GET,
        }
        return TemplateResponse(request, "admin/choose_register.html", context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        if obj is not None:
            enter(request, obj.register)
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.register = register_of(request)
        return form

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Say what goes with the rows, without the lines of the link tables, which have no name."""
        gone, counts, lacking, protected = super().get_deleted_objects(objs, request)
        links = [model._meta for model in apps.get_models(include_auto_created=True) if model._meta.auto_created]
        names = tuple(f"{capfirst(str(meta.verbose_name))}:" for meta in links)
        plurals = {str(meta.verbose_name_plural) for meta in links}
        counts = {name: count for name, count in counts.items() if str(name) not in plurals}
        return _without(gone, names), counts, lacking, protected

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context["register_shown"] = register_of(request) if self._several(request) else None
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        if not change and getattr(obj, "position", None) == LAST:
            obj.position = next_position(self.model._default_manager.filter(register=obj.register_id))
        try:
            obj.save(force_insert=not change, force_update=change)
        except DatabaseError as error:
            if type(error) is DatabaseError:  # Django's own word for: no row was updated
                raise EntryGone from error
            raise


def _without(tree: list[Any], names: tuple[str, ...]) -> list[Any]:
    kept = [_without(one, names) if isinstance(one, list) else one for one in tree]
    return [one for one in kept if one and not (isinstance(one, str) and one.startswith(names))]


class _ScopedInline(ByRole, ScopedFields):
    """Lines edited on the page of the row they hang on."""

    form: Any = ScopedForm
    extra = 0
    show_change_link = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.form.register = register_of(request)
        return formset


class ScopedTabular(_ScopedInline, TabularLines):
    formset = ScopedFormSet


class ScopedStacked(_ScopedInline, StackedLines):
    formset = ScopedFormSet


class ReadOnly(ByRole):
    """Rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def administered(request: HttpRequest) -> "models.QuerySet[Register]":
    """Return the registers whose memberships this person keeps."""
    return permissions.registers_allowing(person(request), permissions.MEMBERSHIPS, permissions.CHANGE)
