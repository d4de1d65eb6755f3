"""The site map of the pages."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from accounts.views import my_data, my_sign_ins, profile
from akig import frame, health, search
from payments.views.public import verify
from reporting.views import home
from sites_app.views_branches import switch_site
from sites_app.views_people import authority, person_list, person_page

# One sign-in for everything, with its limits and, one day, its second factor.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("api/", include("akig.api")),  # first: programs ask most often
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("langue/", include("django.conf.urls.i18n")),
    path("apparence/", frame.switch_theme, name="switch_theme"),
    path("profil/", profile, name="profile"),
    path("profil/donnees", my_data, name="my_data"),
    path("profil/connexions", my_sign_ins, name="my_sign_ins"),
    path("autorite/", authority, name="authority"),
    path("personnes/", person_list, name="person_list"),
    path("personnes/<int:person_id>/", person_page, name="person_page"),
    path("", include("accounts.urls")),
    path("agence/", switch_site, name="switch_site"),
    path("recherche/", search.search, name="search"),
    path("", include("sites_app.urls")),
    path("", include("tenants.urls")),
    path("", include("payments.urls")),
    path("", include("recovery.urls")),
    path("", include("agents.urls")),
    path("", home, name="home"),
    path("", include("reporting.urls")),
    path("verify/", verify, name="verify"),
    path("verify/<str:code>", verify, name="verify"),
    path("taches/", include("notifications.urls")),
    path("imports/", include("sites_app.imports.urls")),
    path("metrics", health.metrics, name="metrics"),
]

# Errors under /api/ are problems in JSON, elsewhere pages.
handler400 = "akig.api.refuse_bad_request"
handler403 = "akig.api.refuse_forbidden"
handler404 = "akig.api.refuse_unknown"
handler500 = "akig.api.own_up"
