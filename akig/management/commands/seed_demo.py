import datetime
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from akig.demo.loading import SIZES, LoadRefused, load, only_load, undo_unfinished
from akig.demo.people import DOMAIN, PASSWORD, PEOPLE
from tenants.models import Lease


class Command(BaseCommand):
    help = "Load a fictitious agency: the same for the same seed and day."

    def add_arguments(self, parser):
        parser.add_argument(
            "--size", choices=SIZES, default="agency", metavar="agency|network|country"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--today", type=datetime.date.fromisoformat, help="the day of the last fact, YYYY-MM-DD"
        )

    def handle(self, *, size, seed, today, **options):
        if not settings.DEMO:
            raise CommandError(
                "The demonstration has a public password, so it is loaded only where DEMO=1."
            )
        try:
            only_load()
        except LoadRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        undo_unfinished()
        if Lease.objects.exists():
            self.stdout.write("There are leases already; nothing was loaded.")
            return
        begun = time.monotonic()
        load(
            SIZES[size],
            seed=seed,
            today=today or timezone.localdate(),
            tell=lambda step: self.tell(step, begun),
        )
        if not connection.in_atomic_block:
            self.tell("Sweeping the tables", begun)
            with connection.cursor() as cursor:
                # The load has looked at its tables; what is left is to mark their pages as seen.
                cursor.execute("VACUUM")
                cursor.execute("ANALYZE payments_rentrun, payments_closedperiod, sites_app_site")
        self.tell(f"{SIZES[size].leases} leases are loaded", begun)
        names = ", ".join(f"{name}@{DOMAIN}" for name, *_rest in PEOPLE)
        self.stdout.write(f"Sign-ins: {names}; password {PASSWORD}")

    def tell(self, step, begun):
        self.stdout.write(f"{time.monotonic() - begun:6.1f} s  {step}")
        self.stdout.flush()
