import json
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Redaction, Removal, Seal
from accounts.sealing import verify


class Command(BaseCommand):
    help = "Compare the record with the seals of its days; exit 1 and say which day was altered."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day")
        parser.add_argument("--json", action="store_true", help="answer for programs")

    def handle(self, first, last, **options):
        found = verify(first, last)
        newest = Seal.objects.order_by("day").last()
        if options["json"]:
            told = {
                "altered": [{"day": d.day, "table": d.table, "what": d.what} for d in found],
                "sealed_until": newest and newest.day,
                "digest": newest and newest.digest,
                "redacted": list(Redaction.objects.values("at", "table", "day", "rows", "columns")),
                "given_up": list(Removal.objects.values("before", "rows", "removed_at")),
            }
            self.stdout.write(json.dumps(told, default=str))
        for removal in Removal.objects.order_by("before"):
            told = f"Before {removal.before}: {removal.rows} rows given up on"
            self.stderr.write(f"{told} {removal.removed_at:%Y-%m-%d}; their seals stay.")
        for one in Redaction.objects.order_by("at"):
            told = f"{one.at:%Y-%m-%d}: {', '.join(one.columns)} redacted in {len(one.rows)} rows"
            self.stderr.write(f"{told} of {one.table} of {one.day}.")
        for difference in found:
            self.stderr.write(str(difference))
        if found:
            raise CommandError(f"{len(found)} differences.")
        if newest and not options["json"]:
            self.stdout.write(f"Nothing was altered. Sealed until {newest.day}: {newest.digest}")
