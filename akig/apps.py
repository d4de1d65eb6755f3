from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from akig.lib import formats  # noqa: F401 - must be there before any format is listed
from akig.lib.postgres import checks  # noqa: F401 - registers itself


class AkigConfig(AppConfig):
    name = "akig"

    def ready(self):
        """Let every app put its boxes onto pages, and hear what the apps below announce."""
        autodiscover_modules("panels", "receivers")
