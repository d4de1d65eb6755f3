import json
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Q, Sum
from django.utils import timezone

from payments.metrics import LeaseBalance, balances
from payments.models import Charge, JournalLine, Payment
from sites_app.models import Site
from tenants.models import Lease, Occupancy

#: The ages as the command names them, and as the figures do.
AGES = {"0-30": "d0_30", "31-60": "d31_60", "61-90": "d61_90", "90+": "d90_plus"}


class Command(BaseCommand):
    help = "Say what every lease owes as of a day, aged, with the sums of each branch."

    def add_arguments(self, parser):
        parser.add_argument("--as-of", type=date.fromisoformat, help="YYYY-MM-DD; today without it")
        parser.add_argument("--site", help="one branch; without it all")
        parser.add_argument("--json", action="store_true")

    def handle(self, as_of, site, **options):
        day = as_of or timezone.localdate()
        sites = list(Site.objects.filter(code=site) if site else Site.objects.all())
        if not sites:
            raise CommandError(f"There is no branch {site}.")
        leases = balances(sites, day)
        sums = [
            self.sum_up(branch, [x for x in leases if x.site == branch.code], day)
            for branch in sites
        ]
        sums = [told for told in sums if told["leases"] or site]
        if options["json"]:
            told = {
                "as_of": str(day),
                "sites": sums,
                "leases": [
                    {
                        "site": lease.site,
                        "reference": lease.reference,
                        "tenant": lease.tenant,
                        "balance": lease.balance,
                        "arrears": lease.arrears,
                        "not_due": lease.not_due,
                        "advance": lease.advances,
                        "ageing": add_up([lease]),
                    }
                    for lease in leases
                ],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        for told in sums:
            self.stdout.write(f"{told['site']} ({told['currency']}) on {day}")
            for name, value in told.items():
                if name not in ("site", "currency", "by_method"):
                    self.stdout.write(f"  {name}: {value}")
        for lease in leases:
            if lease.balance:
                self.stdout.write(
                    f"  {lease.site} {lease.reference} {lease.tenant}: {lease.balance}"
                )

    def sum_up(self, site, leases, day):
        active = Lease.objects.at(site).active(on=day)
        standing = Q(cancelled_on=None) | Q(cancelled_on__gt=day)
        charged = Q(fee_for=None, period_start__lte=day) | Q(
            fee_for__isnull=False, due_date__lte=day
        )
        charges = Charge.objects.at(site).filter(standing, charged)
        opening = charges.filter(kind=Charge.Kind.OPENING)
        since = charges.exclude(kind=Charge.Kind.OPENING)
        payments = Payment.objects.at(site).filter(standing, value_date__lte=day)
        owing = [lease for lease in leases if lease.arrears]
        methods = payments.values_list("method").annotate(number=Count("id"), amount=Sum("amount"))
        return {
            "site": site.code,
            "currency": site.currency,
            "leases": len(leases),
            "active_leases": active.count(),
            "notice_given": active.filter(state=Lease.State.NOTICE_GIVEN).count(),
            "occupied_units": Occupancy.objects.filter(lease__in=active).count(),
            "monthly_rent": active.aggregate(sum=Sum("rent"))["sum"] or 0,
            "opening_balances": opening.aggregate(sum=Sum("amount"))["sum"] or 0,
            "charges": since.aggregate(sum=Sum("amount"))["sum"] or 0,
            "payments_number": payments.count(),
            "payments": payments.total(),
            "balance": sum(lease.balance for lease in leases),
            "arrears": sum(lease.arrears for lease in leases),
            "not_due": sum(lease.not_due for lease in leases),
            "advances": sum(lease.advances for lease in leases),
            "leases_owing": len(owing),
            "ended_leases_owing": sum(1 for x in owing if x.end and x.end < day),
            "ageing": add_up(leases),
            "receivable_in_journal": sum(lease.journal for lease in leases),
            "journal_sum": JournalLine.objects.at(site).balance(),
            "by_method": {
                method: {"number": number, "amount": amount} for method, number, amount in methods
            },
        }


def add_up(leases: list[LeaseBalance]) -> dict[str, int]:
    """Return what ``leases`` owe by age, in minor units."""
    return {age: sum(getattr(lease, name) for lease in leases) for age, name in AGES.items()}
