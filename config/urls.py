from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path
from django.views.generic import RedirectView

from office.accounts import ChangePassword

urlpatterns = [
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),  # one door for everyone
    path("admin/", admin.site.urls),
    path("login/", auth_views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("password/", ChangePassword.as_view(), name="password-change"),
    path("healthz/", include("foundation.watch.urls")),
    path("api/v1/", include("config.api")),
    path("", include("office.urls")),
]
handler400 = "foundation.api.problems.bad_request"
handler403 = "foundation.api.problems.permission_denied"
handler404 = "foundation.api.problems.page_not_found"
handler500 = "foundation.watch.answers.failed"
