import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from akig.lib.errors import BusinessError
from payments.services.deposits import take_over_deposits
from sites_app.models import Site


class Command(BaseCommand):
    help = (
        "Begin with the deposits that the running leases of a branch tell, where nothing is held "
        "yet: once, after the portfolio was imported. A second run adds nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--site", required=True, help="the branch's code")
        parser.add_argument(
            "--on", type=datetime.date.fromisoformat, help="YYYY-MM-DD; today unless given"
        )

    def handle(self, site, on, **options):
        branch = Site.objects.filter(code=site).first()
        if branch is None:
            raise CommandError(f"There is no branch {site}.")
        try:
            number = take_over_deposits(
                actor=User.objects.system(), site=branch, value_date=on or timezone.localdate()
            )
        except BusinessError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{branch.code}: {number} deposits were taken over.")
