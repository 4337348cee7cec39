"""Subject records in the admin: by hand, or from a file that is looked at before it is taken over."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from foundation import permissions
from foundation.accounts.models import Register
from foundation.admin_base import ReadOnly, ScopedAdmin, ScopedTabular
from foundation.admin_filters import VisibleFilter
from foundation.admin_forms import ScopedForm
from foundation.admin_scope import chosen_register, is_scoped, person, register_of
from foundation.admin_types import OfAny
from retention.due import Status
from retention.models import TargetColumn
from retention.records import Assessment
from subjects import actions, personal
from subjects.contacts import may_be_written_to
from subjects.dating import Dating, last_day
from subjects.errors import FileRefused
from subjects.importing import taking
from subjects.importing.reading import MOST_BYTES
from subjects.models import ContactEvent, EventKind, RecordImport, StateChange, SubjectRecord

IN_WORDS = {
    Status.DUE: _("due"),
    Status.NOT_YET: _("not yet"),
    Status.OPEN: _("open: an event has not happened"),
    Status.HELD: _("held"),
    Status.UNDECIDED: _("undecided: the text allows two readings"),
    Status.CONFLICT: _("rules contradict each other"),
    Status.KEPT_BY_LAW: _("kept by law"),
    Status.KEPT_BY_RULE: _("kept by another rule"),
    Status.NOT_EXECUTABLE: _("the text gives no date"),
    Status.UNCOVERED: _("no rule"),
}
SHOWN_FAULTS = 100


class RecordForm(ScopedForm):
    since = forms.DateField(
        label=_("In this state since"),
        required=False,
        help_text=_("Today if it is empty."),
        widget=admin.widgets.AdminDateWidget,
    )
    trigger = forms.CharField(
        label=_("Because of"), required=False, max_length=200, help_text=_("What brought it there; name no person.")
    )

    def clean_since(self) -> date | None:
        since: date | None = self.cleaned_data["since"]
        if since is not None and self.register is not None and since > actions.day_in(self.register, timezone.now()):
            raise ValidationError(_("This day has not come yet."))
        return since

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if self.instance.pk is None and SubjectRecord.objects.filter(register=self.register, key=key).exists():
            raise ValidationError(_("A record of this register has this key already."))
        return key


class EventForm(ScopedForm):
    def clean(self) -> Any:
        data: Any = super().clean()
        if (data.get("kind") == EventKind.CONTACT) != bool(data.get("direction")):
            self.add_error("direction", _("Say of a contact who wrote to whom; nothing else has a direction."))
        if data.get("on") and self.register and data["on"] > actions.day_in(self.register, timezone.now()):
            self.add_error("on", _("This day has not come yet."))
        return data


class FromTheRegister(OfAny):
    """Fields that point at entries of the register: staff chooses among them without keeping them."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if not is_scoped(db_field.related_model):
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        entries = db_field.related_model.objects.filter(register=register_of(request)).order_by("position", "pk")
        return db_field.formfield(**{**kwargs, "queryset": entries, "widget": forms.Select})


class EventInline(FromTheRegister, ScopedTabular):
    """What happened: added, never rewritten."""

    model = ContactEvent
    form = EventForm
    fields = ("kind", "on", "direction", "purpose", "source", "external_id")
    ordering = ("on", "pk")
    show_change_link = False
    offers_to_add = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StateInline(ReadOnly, ScopedTabular):
    model = StateChange
    fields = ("state", "on", "trigger")
    ordering = ("on", "pk")
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.may(person(request), permissions.VIEW, StateChange, obj)


class FileForm(forms.Form):
    file = forms.FileField(label=_("File of records"), help_text=_("CSV in UTF-8 or XLSX, 10,000 records at most."))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is too large: give at most 5 MB at a time."))
        return file


@admin.register(SubjectRecord)
class SubjectRecordAdmin(FromTheRegister, ScopedAdmin):
    """Records whose clock Greffier keeps."""

    form = RecordForm
    list_display = ("key", "activity", "state", "last_day_shown", "status_shown")
    list_filter = (("activity", VisibleFilter), ("state", VisibleFilter))
    list_select_related = ("activity", "state")
    search_fields = ("key",)
    inlines = (EventInline, StateInline)
    about = _("People by the number of your own software: Greffier dates them and says when they go.")
    change_list_template = "admin/subjects/subjectrecord/change_list.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("events__purpose", "state_changes")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("key", "activity", "state", "since", "trigger")
        shown = ("last_day_shown", "status_shown", "may_be_written_shown", "names_shown")
        return ("key", "activity", ("state", "since", "trigger"), *shown)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key", "last_day_shown", "status_shown", "may_be_written_shown", "names_shown") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        given = actions.Given(
            obj.key, obj.activity, obj.state, form.cleaned_data.get("since"), form.cleaned_data.get("trigger", "")
        )
        record, _outcome = actions.put_record(obj.register, given, at=timezone.now(), by=person(request))
        obj.pk = record.pk

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        for event in formset.save(commit=False):
            happened = actions.Happened(
                EventKind(event.kind), event.on, event.direction, event.purpose, event.source, event.external_id
            )
            actions.add_event(form.instance, happened, at=timezone.now(), by=person(request))
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_queryset(request, SubjectRecord.objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Erase records with their events and keys, if nothing holds them."""
        numbers = list(queryset.values_list("pk", flat=True))
        held = SubjectRecord.objects.filter(pk__in=numbers).select_related("register").order_by("pk")
        by_register: dict[Register, list[SubjectRecord]] = {}
        for record in held.select_for_update(of=("self",)):
            by_register.setdefault(record.register, []).append(record)
        for register, records in by_register.items():
            actions.erase_by_hand(records, register=register, at=timezone.now(), by=person(request))

    # -- what the rules say --------------------------------------------------------------------------------------

    @admin.display(description=_("may be kept until"))
    def last_day_shown(self, record: SubjectRecord) -> str:
        last = last_day(self._assessed(record))
        return date_format(last, "DATE_FORMAT") if last else "—"

    @admin.display(description=_("what the rules say"))
    def status_shown(self, record: SubjectRecord) -> str:
        return str(IN_WORDS[self._assessed(record).status])

    @admin.display(description=_("may be written to"))
    def may_be_written_shown(self, record: SubjectRecord) -> str:
        today = actions.day_in(record.register, timezone.now())
        answer = may_be_written_to(record, purpose=None, as_of=today)
        if answer.may:
            return gettext("yes")
        return gettext("no, they said so") if answer.stopped_on else gettext("no, as many were sent as may be")

    @admin.display(description=_("names"))
    def names_shown(self, record: SubjectRecord) -> str:
        labels = dict(TargetColumn.Identity.choices)
        said = [f"{labels.get(kind, kind)}: {value}" for kind, value in personal.opened(record).items()]
        return "; ".join(said) or "—"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Date the rows of the page with rules that are read once per register."""
        changelist = super().get_changelist_instance(request)
        datings: dict[int, Dating] = {}
        for record in changelist.result_list:
            if record.register_id not in datings:
                datings[record.register_id] = Dating.of(record.register)
            record.assessed = _assess(record, datings[record.register_id])
        return changelist

    def _assessed(self, record: SubjectRecord) -> Assessment:
        if not hasattr(record, "assessed"):
            record.assessed = _assess(record, Dating.of(record.register))  # type: ignore[attr-defined]
        found: Assessment = record.assessed  # type: ignore[attr-defined]
        return found

    # -- from a file ---------------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="subjects_subjectrecord_import"),
            path("import/<int:pk>/", view(self.confirm_view), name="subjects_subjectrecord_confirm"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file and show what taking it over would do, or why it cannot be."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        register = chosen_register(request, SubjectRecord)
        if register is None:
            return self._ask_register(request)
        form, faults = FileForm(request.POST or None, request.FILES or None), list[str]()
        if request.method == "POST" and form.is_valid():
            try:
                content = form.cleaned_data["file"].read()
                waiting, found = taking.look_at(register, content, by=person(request), at=timezone.now())
            except FileRefused as refusal:
                faults = list(refusal.faults)
            else:
                if not found.faults:
                    return HttpResponseRedirect(reverse("admin:subjects_subjectrecord_confirm", args=[waiting.pk]))
                faults = [str(fault) for fault in found.faults]
        shown, more = faults[:SHOWN_FAULTS], max(len(faults) - SHOWN_FAULTS, 0)
        return self._page(
            request, "import.html", title=_("Import records"), form=form, register=register, faults=shown, more=more
        )

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a file would change; take it over when the form comes back."""
        waiting = RecordImport.objects.visible_to(person(request)).select_related("register").filter(pk=pk).first()
        if waiting is None:
            raise Http404
        if not permissions.may(person(request), permissions.ADD, RecordImport, waiting):
            raise PermissionDenied
        if request.method == "POST":
            done = taking.take_over(waiting, by=person(request), at=timezone.now())
            n = done.added or 0
            added = ngettext("%d record was added", "%d records were added", n) % n
            messages.success(
                request, gettext("%(added)s, %(changed)d changed.") % {"added": added, "changed": done.changed}
            )
            return HttpResponseRedirect(reverse("admin:subjects_subjectrecord_changelist"))
        found = taking.looked_at(waiting, at=timezone.now())
        return self._page(request, "confirm.html", title=_("Import records"), waiting=waiting, plan=found)

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/subjects/subjectrecord/{name}", context)


def _assess(record: SubjectRecord, dating: Dating) -> Assessment:
    return dating.assess(record, as_of=actions.day_in(record.register, timezone.now()))
