"""Legal bases, the claims about them, and consent (art. 6, 7)."""

from django.contrib import admin

from foundation.admin_filters import VisibleFilter
from register.admin.base import EntryAdmin, said, sheet
from register.models import Consent, LegalBasis, LegalBasisClaim


@admin.register(LegalBasis)
class LegalBasisAdmin(EntryAdmin):
    list_display = ("basis", "activity", said(LegalBasis, "purpose"), said(LegalBasis, "interest"))
    list_filter = ("basis", ("activity", VisibleFilter))
    list_select_related = ("activity", "purpose__activity")
    search_fields = ("activity__name", "purpose__description", "interest")
    fieldsets = sheet((None, {"fields": ("activity", "basis", "purpose", "interest")}))


@admin.register(LegalBasisClaim)
class LegalBasisClaimAdmin(EntryAdmin):
    list_display = ("__str__", "quantifier", said(LegalBasisClaim, "scope"), said(LegalBasisClaim, "interest"))
    list_filter = ("quantifier",)
    search_fields = ("scope", "interest")
    fieldsets = sheet((None, {"fields": ("quantifier", "bases", "scope", "interest", "activities")}))


@admin.register(Consent)
class ConsentAdmin(EntryAdmin):
    list_display = (
        "__str__",
        said(Consent, "mechanism"),
        said(Consent, "moment"),
        said(Consent, "proof"),
        said(Consent, "withdrawal"),
    )
    list_filter = ("mechanism",)
    search_fields = ("scope", "moment", "proof", "withdrawal")
    fieldsets = sheet(
        (None, {"fields": ("scope", "mechanism", "moment", "proof", "refusal", "withdrawal", "activities")}),
    )
