import json
from datetime import date

from dateutil.relativedelta import relativedelta
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from akig.lib.errors import BusinessError
from payments.services.charging import charge_rent
from sites_app.models import Site


def month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


class Command(BaseCommand):
    help = "Charge the rent of a span of months; what is charged already is left alone."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="first", type=month, required=True, help="YYYY-MM")
        parser.add_argument("--to", dest="last", type=month, required=True, help="YYYY-MM")
        parser.add_argument("--site", help="one branch; without it all open branches")
        parser.add_argument("--json", action="store_true")

    def handle(self, first, last, site, **options):
        sites = Site.objects.filter(is_active=True)
        if site:
            sites = sites.filter(code=site)
            if not sites:
                raise CommandError(f"There is no branch {site}.")
        actor = User.objects.system()
        runs = []
        while first <= last:
            for branch in sites:
                try:
                    run = charge_rent(actor=actor, site=branch, month=first)
                except BusinessError as refusal:
                    raise CommandError(f"{branch.code} {first:%Y-%m}: {refusal}") from refusal
                runs.append(run)
                if not options["json"]:
                    self.stdout.write(
                        f"{branch.code} {first:%Y-%m}: {run.created} charges, {run.amount} "
                        f"{branch.currency}; {run.existing} already there; {len(run.failed)} "
                        "refused"
                    )
            first += relativedelta(months=1)
        if options["json"]:
            rows = [
                {
                    "site": run.site_id,
                    "period": f"{run.month:%Y-%m}",
                    "created": run.created,
                    "amount": run.amount,
                    "existing": run.existing,
                    "failed": run.failed,
                }
                for run in runs
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
