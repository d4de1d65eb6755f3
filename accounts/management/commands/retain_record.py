from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.sealing import give_up


class Command(BaseCommand):
    help = "Give up the history of whole months that are older than the record is to be kept."

    def add_arguments(self, parser):
        parser.add_argument(
            "--months", type=int, default=settings.RECORD_MONTHS, help="how many months stay"
        )

    def handle(self, months, **options):
        if months < 1:
            self.stdout.write("The record is kept for good: RECORD_MONTHS is 0.")
            return
        before = timezone.localdate().replace(day=1) - relativedelta(months=months)
        try:
            rows = give_up(before)
        except ValueError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{rows} rows before {before} are given up; the seals stay.")
