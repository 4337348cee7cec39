"""What probes ask, answered by `foundation.watch.middleware.ProbeMiddleware` before any other middleware."""

from django.urls import path

from foundation.watch import health

urlpatterns = [
    path("live", health.live, name="health-live"),
    path("ready", health.ready, name="health-ready"),
]
