from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SitesAppConfig(AppConfig):
    name = "sites_app"
    verbose_name = _("Branches and properties")
