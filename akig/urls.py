"""The site map of the pages."""

from django.urls import include, path

from akig import frame, health

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("langue/", include("django.conf.urls.i18n")),
    path("apparence/", frame.switch_theme, name="switch_theme"),
    path("jobs/", include("notifications.urls")),
    path("api/health", health.health, name="health"),
    path("api/ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
