"""The page of a processing activity, with the lists of every app that name it."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from foundation.admin_scope import REGISTER, person
from register.admin.activities import ActivityAdmin
from register.models import Answer, ProcessingActivity
from register.notable import lists


class WholeActivityAdmin(ActivityAdmin):
    change_form_template = "admin/register/processingactivity/change_form.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        activity = self.get_object(request, object_id)
        named_by = self._named_by(request, activity) if activity else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "named_by": named_by})

    def _named_by(self, request: HttpRequest, activity: ProcessingActivity) -> list[dict[str, Any]]:
        """Return the lists of other pages that name this activity, in the order of the office."""
        kind = ContentType.objects.get_for_model(activity)
        found: Any = Answer.objects.filter(entry_type=kind, entry_id=activity.pk)
        answers = {answer.field: answer for answer in found}
        edited_here = {inline.model for inline in self.lines}
        return [
            self._list(request, activity, relation, answers.get(relation.related_name))
            for relation in lists(ProcessingActivity)
            if relation.related_model not in edited_here
        ]

    def _list(
        self, request: HttpRequest, activity: ProcessingActivity, relation: Any, answer: Answer | None
    ) -> dict[str, Any]:
        model = relation.related_model
        meta, target = model._meta, self.admin_site.get_model_admin(model)
        name = f"admin:{meta.app_label}_{meta.model_name}"
        rows = model._default_manager.visible_to(person(request)).filter(**{relation.field.name: activity})
        related: Any = target.list_select_related
        query = f"?{REGISTER}={activity.register_id}&{relation.field.name}={activity.pk}"
        return {
            "label": meta.verbose_name_plural,
            "singular": meta.verbose_name,
            "rows": [
                {"address": reverse(f"{name}_change", args=[row.pk]), "label": target.label(row)}  # type: ignore[attr-defined]
                for row in rows.select_related(*related)
            ],
            "answer": answer.get_kind_display() if answer else "",
            "add": reverse(f"{name}_add") + query if target.has_add_permission(request) else "",
        }
