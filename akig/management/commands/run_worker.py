from typing import Any

from django.apps import apps
from django.core.management import BaseCommand, call_command

from akig.lib import jobs


class Command(BaseCommand):
    help = "Perform jobs. Their libraries are loaded once, before the worker forks for each job."

    def handle(self, *args: Any, **options: Any) -> None:
        for label in apps.app_configs:
            jobs.load(label)
        call_command("rqworker", "default", verbosity=0)
