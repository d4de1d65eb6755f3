from django.core.management.base import BaseCommand, CommandError

from payments.services.checking import CHECKS, differences


class Command(BaseCommand):
    help = "Compare the books with themselves; exit 1 and say what differs, if anything does."

    def add_arguments(self, parser):
        parser.add_argument("--site", default="", help="one branch; without it all branches")

    def handle(self, site, **options):
        found = differences(site)
        for difference in found:
            self.stderr.write(str(difference))
        if found:
            raise CommandError(f"{len(found)} differences.")
        self.stdout.write(f"The books agree with themselves: {len(CHECKS)} rules hold.")
