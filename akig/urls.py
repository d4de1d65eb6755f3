"""The site map of the pages."""

from django.urls import include, path

from akig import health

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("jobs/", include("notifications.urls")),
    path("api/health", health.health, name="health"),
    path("api/ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
