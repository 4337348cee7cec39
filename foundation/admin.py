"""The admin of registers, people and what they are to each other, of evidence and of the history."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation import admin_tokens, permissions
from foundation.accounts.models import Membership, Register, User
from foundation.accounts.tokens import ServiceToken
from foundation.admin_base import ReadOnly, ScopedAdmin, administered
from foundation.admin_confirmed import ConfirmedAdmin
from foundation.admin_filters import OwnLookups
from foundation.admin_history import NoHistory, Wording
from foundation.admin_pages import NamedPage
from foundation.admin_scope import person
from foundation.admin_types import PageAdmin, RowForm
from foundation.doors.emptying import end_all
from foundation.evidence.models import Event
from foundation.history import Change
from foundation.jobs import admin as jobs_admin
from foundation.mail import admin as mail_admin
from foundation.members import join, tell_account, tell_membership, withdraw

admin.site.register(ServiceToken, admin_tokens.ServiceTokenAdmin)


class RegisterForm(RowForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(name, name) for name in sorted(available_timezones())]
    )


class RegisterAdmin(OwnLookups, NoHistory, NamedPage, PageAdmin):
    """A register: its language and time zone; `office/` adds publishing and registers it."""

    form = RegisterForm
    list_display = ("name", "slug", "language", "time_zone")
    fields = ("name", "slug", "language", "time_zone")
    readonly_fields = ("name", "slug")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Register]:
        return visible_registers(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return person(request).is_staff

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person(request).is_staff and (obj is None or visible_registers(request).filter(pk=obj.pk).exists())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        kept = permissions.registers_allowing(person(request), permissions.REGISTER_ENTRIES, permissions.CHANGE)
        return kept.exists() if obj is None else kept.filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def visible_registers(request: HttpRequest) -> models.QuerySet[Register]:
    """Return the registers in which this person works in the admin."""
    user = person(request)
    roles = user.roles_by_register()
    return Register.objects.filter(pk__in=[pk for pk, role in roles.items() if role in permissions.ADMIN_SITE])


class PersonFilter(admin.SimpleListFilter):
    """By role, among the memberships in sight."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return permissions.Role.choices

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if not self.value():
            return queryset
        seen = Membership.objects.filter(register__in=administered(request), role=self.value())
        return queryset.filter(pk__in=seen.values("user"))


@admin.register(User)
class PersonAdmin(ConfirmedAdmin, OwnLookups, NoHistory, NamedPage, auth_admin.UserAdmin):  # type: ignore[type-arg]
    """The people of the registers one administers. Accounts that also belong elsewhere are shown, never changed."""

    list_display = ("email", "known_name", "known_language", "is_active", "known_login")
    list_filter = (PersonFilter, "is_active")
    search_fields = ("email",)
    never_looked_up = frozenset({"password", "name", "language", "last_login"})
    ordering = ("email",)
    filter_horizontal = ()
    change_password_form = AdminPasswordChangeForm
    readonly_fields = ("email", "last_login")  # an address is the account: who could change it could pass it on

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        members = Membership.objects.filter(register__in=administered(request))
        elsewhere = Membership.objects.exclude(register__in=administered(request)).filter(user=models.OuterRef("pk"))
        return User.objects.filter(pk__in=members.values("user")).annotate(is_known=~models.Exists(elsewhere))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        known = obj is not None and self.has_change_permission(request, obj)
        fields = ("email", "name", "language", "is_active", "last_login") if known else ("email", "is_active")
        return ((None, {"fields": fields}),)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        by_name = queryset.filter(is_known=True, name__icontains=search_term) if search_term else queryset.none()
        return found | by_name, duplicates

    @admin.display(description=_("name"))
    def known_name(self, user: Any) -> str:
        return user.name if user.is_known else ""

    @admin.display(description=_("language"))
    def known_language(self, user: Any) -> str:
        return user.get_language_display() if user.is_known else ""

    @admin.display(description=_("last login"))
    def known_login(self, user: Any) -> Any:
        return user.last_login if user.is_known else None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return administered(request).exists()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administered(request).exists() and (obj is None or self.get_queryset(request).filter(pk=obj.pk).exists())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever could change the password of an account could take it with all its registers."""
        if obj is None:
            return administered(request).exists()
        memberships = Membership.objects.filter(user=obj)
        return memberships.exists() and not memberships.exclude(register__in=administered(request)).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a person comes with a membership

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the membership is what is withdrawn

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        tools = []
        if row and self.has_change_permission(request, row):
            tools.append((reverse("admin:auth_user_password_change", args=[row.pk]), _("Set a password")))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's signature
        user = self.get_object(request, id)
        if user is None:
            raise Http404
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        asked = self.asked(request)
        if asked:
            return asked
        with transaction.atomic():
            response: HttpResponse = super().user_change_password(request, id, form_url)
            if User.objects.filter(pk=user.pk).exclude(password=user.password).exists():
                tell_account(Event.Verb.PASSWORD_SET, user, actor=person(request))
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data:
            if not obj.is_active:
                end_all(obj)
            verb = Event.Verb.ACTIVATED if obj.is_active else Event.Verb.DEACTIVATED
            tell_account(verb, obj, actor=person(request))


class MembershipForm(RowForm):
    """A membership; the person is named by address, and gets an account where there is none."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("A person without an account gets one; set a password on the page of the person."),
    )

    administered = Register.objects.none()  # the registers of who fills in the form; set for each request

    class Meta:
        model = Membership
        fields = ("register", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "email" in self.fields:
            del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        register, email = data.get("register"), data.get("email")
        user = User.objects.with_address(email) if register and email else None
        if user and user.memberships.filter(register=register).exists():
            raise ValidationError(_("This person belongs to this register already: change the membership there is."))
        if user and user.memberships.exclude(register__in=self.administered).exists():
            raise ValidationError(
                _(
                    "This address cannot be added here: whoever runs Greffier can"
                    " (manage.py create_register or add_member)."
                )
            )
        return data


@admin.register(Membership)
class MembershipAdmin(ConfirmedAdmin, NoHistory, ScopedAdmin):
    """What people are to the registers one administers. One's own membership is another administrator's to change."""

    form: Any = MembershipForm
    list_display = ("person", "role")
    list_filter = ("role",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("register", "user__email")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("person", "register", "role") if obj else ("email", "register", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("person", "register") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_own(request, obj)

    @admin.display(description=_("person"), ordering="user__email")
    def person(self, membership: Membership) -> str:
        return membership.user.email

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return self.changeform_view(request, None, form_url, extra_context)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "register":
            kwargs["queryset"] = administered(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        kwargs.setdefault("fields", ("role",) if obj else ("register", "role"))
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.administered = administered(request)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        few = list(administered(request)[:2])
        only = {"register": few[0].pk} if len(few) == 1 else {}
        return {**only, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        if not change:
            email = form.cleaned_data["email"]
            obj.user = User.objects.with_address(email) or User.objects.create_user(email)
            join(obj, actor=person(request))
            return
        super().save_model(request, obj, form, change)
        if "role" in form.changed_data:
            tell_membership(Event.Verb.MEMBER_CHANGED, obj, actor=person(request), before=form.initial["role"])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        withdraw(Membership.objects.filter(pk=obj.pk), actor=person(request))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        withdraw(queryset, actor=person(request))


def _is_own(request: HttpRequest, membership: Any) -> bool:
    return membership is not None and membership.user_id == person(request).pk


@admin.register(Event)
class EventAdmin(NoHistory, ReadOnly, ScopedAdmin):
    """What was done, as it was recorded."""

    list_display = ("occurred_at", "verb", "subject_type", "subject_id", "person", "sealed", "short_hash")
    list_filter = ("verb",)
    date_hierarchy = "occurred_at"
    fields = (
        "register",
        "occurred_at",
        "verb",
        "subject_type",
        "subject_id",
        "person",
        "details",
        "leaf_hash",
        "sealed",
    )
    readonly_fields = ("person", "sealed")

    def get_queryset(self, request: HttpRequest) -> Any:
        people = User.objects.filter(pk=models.OuterRef("actor_id")).values("email")
        return super().get_queryset(request).with_seal().annotate(person_email=models.Subquery(people))

    @admin.display(description=_("seal"))
    def sealed(self, event: Event) -> str:
        seal = event.seal
        if seal is None:
            return gettext("not sealed yet")
        at = date_format(timezone.localtime(seal.sealed_at), "SHORT_DATETIME_FORMAT")
        return gettext("checkpoint %(number)d, %(at)s") % {"number": seal.number, "at": at}

    @admin.display(description=_("person"))
    def person(self, event: Any) -> str:
        return event.person_email or "—"

    @admin.display(description=_("leaf hash"))
    def short_hash(self, event: Event) -> str:
        return event.leaf_hash[:12]


@admin.register(Change)
class ChangeAdmin(NoHistory, ReadOnly, ScopedAdmin):
    """Who changed what, when and why."""

    list_display = ("changed_at", "person", "operation", "kind_of_row", "row_id", "reason")
    list_filter = ("operation",)
    date_hierarchy = "changed_at"
    search_fields = ("reason", "table_name")
    fields = ("register", "changed_at", "person", "operation", "kind_of_row", "row_id", "reason", "told")
    readonly_fields = ("person", "kind_of_row", "told")

    def get_queryset(self, request: HttpRequest) -> Any:
        people = User.objects.filter(pk=models.OuterRef("actor_id")).values("email")
        return super().get_queryset(request).annotate(person_email=models.Subquery(people))

    @admin.display(description=_("person"))
    def person(self, change: Any) -> str:
        return change.person_email or "—"

    @admin.display(description=_("kind of row"), ordering="table_name")
    def kind_of_row(self, change: Change) -> str:
        model = Wording([]).models.get(change.table_name)
        return str(model._meta.verbose_name) if model else change.table_name

    @admin.display(description=_("changes"))
    def told(self, change: Change) -> str:
        act = Wording([change]).act(change)
        not_kept = _("(not kept)")  # apart from the f-string: gettext's tools do not look into those
        return "\n".join(
            f"{value.name}: {value.before} → {value.after}" if value.kept else f"{value.name}: {not_kept}"
            for value in act.values
        )


__all__ = ["RegisterAdmin", "jobs_admin", "mail_admin"]
