"""The pages for everyone who works with a register: home, editions, downloads."""

from django.urls import path

from office import views

urlpatterns = [
    path("", views.home, name="home"),
    path("audit/", views.audit, name="audit"),
    path("registers/<slug:slug>/", views.register_editions, name="register-editions"),
    path("editions/<int:pk>/canonical.json", views.edition_json, name="edition-json"),
    path("prints/<int:pk>/download", views.print_download, name="print-download"),
]
