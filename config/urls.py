from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

one_door = login_not_required(RedirectView.as_view(pattern_name="account_login", query_string=True))

urlpatterns = [
    path("admin/login/", one_door),  # for everyone, with the second factor
    path("admin/", admin.site.urls),
    path("healthz/", include("foundation.watch.urls")),
    path("api/v1/", include("config.api")),
    path("", include("foundation.doors.urls")),
    path("", include("office.urls")),
]
handler400 = "foundation.api.problems.bad_request"
handler403 = "foundation.api.problems.permission_denied"
handler404 = "foundation.api.problems.page_not_found"
handler500 = "foundation.watch.answers.failed"
