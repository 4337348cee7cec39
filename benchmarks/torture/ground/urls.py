from django.urls import include, path

from benchmarks.torture.ground import views
from config import urls

urlpatterns = [
    path("torture/order", views.order),
    path("torture/edition", views.edition),
    path("", include("config.urls")),
]
handler500 = urls.handler500
