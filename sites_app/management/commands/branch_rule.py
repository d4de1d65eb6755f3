import json
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from accounts.models import User
from akig.lib.errors import BusinessError
from sites_app.models import BranchRule, Site
from sites_app.rules import RULES, rules_for
from sites_app.services.branches import set_rule


class Command(BaseCommand):
    help = "Show a dated rule of a branch, or set it from a day on."

    def add_arguments(self, parser):
        parser.add_argument("code", help="the branch, for example GN_CONAKRY")
        parser.add_argument("name", help=f"the rule: {', '.join(sorted(RULES))}")
        parser.add_argument("value", nargs="?", help="the new value; without it the rule is shown")
        parser.add_argument("--from", dest="start", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("--json", action="store_true")

    def handle(self, code, name, value, start, **options):
        site = Site.objects.filter(code=code).first()
        if site is None:
            raise CommandError(f"There is no branch {code}.")
        if name not in RULES:
            raise CommandError(f"There is no rule {name}. Known: {', '.join(sorted(RULES))}.")
        if value is not None:
            self.set(site, name, value, start)
        self.show(site, name, as_json=options["json"])

    def set(self, site, name, value, start):
        try:
            set_rule(
                actor=User.objects.system(), site=site, name=name, value=value, valid_from=start
            )
        except BusinessError as refusal:
            raise CommandError(str(refusal)) from refusal

    def show(self, site, name, *, as_json):
        today = str(getattr(rules_for(site), name))
        history = list(
            BranchRule.objects.filter(Q(site=site) & Q(name=name))
            .order_by("valid_from")
            .values_list("valid_from", "value")
        )
        if as_json:
            days = [{"from": str(day), "value": value} for day, value in history]
            self.stdout.write(
                json.dumps({"site": site.code, "rule": name, "today": today, "values": days})
            )
            return
        self.stdout.write(f"{site.code} {name} today: {today}")
        for day, value in history:
            self.stdout.write(f"  from {day}: {value}")
