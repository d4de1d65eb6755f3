from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class SitesAppConfig(AppConfig):
    name = "sites_app"
    verbose_name = _("Branches and properties")

    def ready(self):
        # Each app's resources register what they bring in from spreadsheets.
        autodiscover_modules("resources")
