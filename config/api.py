"""The addresses of the API, version 1."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from documents.api.views import PrintViewSet
from editions.api.views import EditionViewSet
from foundation.api.views import EventViewSet, RegisterViewSet, SchemaView
from subjects.api.views import SubjectRecordViewSet

app_name = "api"

router = SimpleRouter(use_regex_path=False)
router.register("registers", RegisterViewSet, "register")
router.register("editions", EditionViewSet, "edition")
router.register("documents", PrintViewSet, "document")
router.register("registers/<slug:register>/subject-records", SubjectRecordViewSet, "subjectrecord")
router.register("evidence", EventViewSet, "event")

urlpatterns = [path("schema/", SchemaView.as_view(), name="schema"), *router.urls]
