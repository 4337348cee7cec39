"""Pages that several apps share, and what each list is for."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group

from editions.form import all_sections
from editions.models import Edition
from foundation.models import Register
from office.activities import WholeActivityAdmin
from office.editions import WholeEditionAdmin
from office.registers import WholeRegisterAdmin
from processors.admin import CertificationInline
from register.admin.parties import OrganisationAdmin
from register.models import Organisation, ProcessingActivity

admin.site.unregister(Group)  # rights come from memberships only
# second factors, sessions and identities are their owner's: no administrator sees or changes them here
admin.site.unregister([model for model in admin.site._registry if model.__module__.startswith("allauth.")])


@admin.register(Organisation)
class WholeOrganisationAdmin(OrganisationAdmin):
    lines: tuple[Any, ...] = (*OrganisationAdmin.lines, CertificationInline)


admin.site.register(ProcessingActivity, WholeActivityAdmin)
admin.site.register(Register, WholeRegisterAdmin)
admin.site.register(Edition, WholeEditionAdmin)

for section in all_sections():
    admin.site.get_model_admin(section.model).about = section.description  # type: ignore[attr-defined]
