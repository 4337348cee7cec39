"""The pages for everyone who works with a register: home, editions, downloads."""

from django.urls import path

from office import evidence, views

urlpatterns = [
    path("", views.home, name="home"),
    path("audit/", views.audit, name="audit"),
    path("audit/evidence/", evidence.events, name="evidence"),
    path("audit/evidence/checkpoint.txt", evidence.checkpoint, name="evidence-checkpoint"),
    path("audit/evidence/<int:pk>/receipt.json", evidence.receipt, name="evidence-receipt"),
    path("audit/evidence/<slug:slug>.jsonl", evidence.export, name="evidence-export"),
    path("registers/<slug:slug>/", views.register_editions, name="register-editions"),
    path("editions/<int:pk>/canonical.json", views.edition_json, name="edition-json"),
    path("prints/<int:pk>/download", views.print_download, name="print-download"),
]
