from datetime import date

import pghistory
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User
from sites_app.models import Assignment, BranchRule, Holiday, Site

#: Code, names (fr, en), country, town, currency, time zone, language, most tenants and properties,
#: relief branch, latitude and longitude of the town.
SITES = [
    (
        "GN_CONAKRY",
        "Conakry",
        "Conakry",
        "GN",
        "Conakry",
        "GNF",
        "Africa/Conakry",
        "fr",
        5000,
        1000,
        None,
        "9.509167",
        "-13.712222",
    ),
    (
        "GN_KINDIA",
        "Kindia",
        "Kindia",
        "GN",
        "Kindia",
        "GNF",
        "Africa/Conakry",
        "fr",
        2000,
        400,
        "GN_CONAKRY",
        "10.056944",
        "-12.865833",
    ),
    (
        "GN_MAMOU",
        "Mamou",
        "Mamou",
        "GN",
        "Mamou",
        "GNF",
        "Africa/Conakry",
        "fr",
        1500,
        300,
        "GN_CONAKRY",
        "10.375000",
        "-12.091667",
    ),
    (
        "GN_LABE",
        "Labé",
        "Labé",
        "GN",
        "Labé",
        "GNF",
        "Africa/Conakry",
        "ff",
        1000,
        200,
        "GN_KINDIA",
        "11.318333",
        "-12.283333",
    ),
    (
        "SN_DAKAR",
        "Dakar",
        "Dakar",
        "SN",
        "Dakar",
        "XOF",
        "Africa/Dakar",
        "fr",
        3000,
        600,
        None,
        "14.692778",
        "-17.446667",
    ),
    (
        "ML_BAMAKO",
        "Bamako",
        "Bamako",
        "ML",
        "Bamako",
        "XOF",
        "Africa/Bamako",
        "fr",
        2500,
        500,
        None,
        "12.639167",
        "-8.002778",
    ),
]

#: The starting values of the rules that differ by branch, in the order of ``SITES``.
RULES = {
    "tpa_percent": ["5", "4", "3", "3", "6", "4"],
    "notice_days": ["30", "30", "35", "40", "30", "30"],
    "eviction_days": ["15", "20", "25", "30", "15", "20"],
    "maintenance_days": ["5", "7", "10", "14", "5", "7"],
    "dispute_days": ["60", "90", "120", "150", "90", "120"],
    "deposit_return_days": ["30", "30", "45", "60", "30", "45"],
    # The defaults are in Guinean francs; a CFA franc is worth some fifteen of them.
    "cancel_threshold": [*["5000000"] * 4, *["500000"] * 2],
    "waiver_threshold": [*["2000000"] * 4, *["200000"] * 2],
    "discount_threshold": [*["500000"] * 4, *["50000"] * 2],
}

#: Public holidays of fixed date; the feasts of the moon are entered each year.
HOLIDAYS = {
    "GN": [
        ((1, 1), "Jour de l’an"),
        ((5, 1), "Fête du Travail"),
        ((8, 15), "Assomption"),
        ((10, 2), "Fête de l’Indépendance"),
        ((12, 25), "Noël"),
    ],
    "SN": [
        ((1, 1), "Jour de l’an"),
        ((4, 4), "Fête de l’Indépendance"),
        ((5, 1), "Fête du Travail"),
        ((8, 15), "Assomption"),
        ((11, 1), "Toussaint"),
        ((12, 25), "Noël"),
    ],
    "ML": [
        ((1, 1), "Jour de l’an"),
        ((1, 20), "Fête de l’Armée"),
        ((5, 1), "Fête du Travail"),
        ((9, 22), "Fête de l’Indépendance"),
        ((12, 25), "Noël"),
    ],
}

BEGINNING = date(2000, 1, 1)


class Command(BaseCommand):
    help = "Open the six branches with their rules and holidays; those that exist are left alone."

    @transaction.atomic
    def handle(self, **options):
        with pghistory.context(verb="sites_app.seed_sites"):
            opened = [self.open_site(rank, *row) for rank, row in enumerate(SITES)]
            self.enter_holidays()
            self.assign_directors()
        self.stdout.write(
            f"{sum(opened)} branches opened, {len(SITES) - sum(opened)} already there."
        )

    def open_site(
        self,
        rank,
        code,
        fr,
        en,
        country,
        city,
        currency,
        zone,
        language,
        tenants,
        properties,
        failover,
        lat,
        lon,
    ) -> bool:
        site, created = Site.objects.get_or_create(
            code=code,
            defaults={
                "name": fr,
                "name_fr": fr,
                "name_en": en,
                "country": country,
                "city": city,
                "currency": currency,
                "timezone": zone,
                "language": language,
                "max_tenants": tenants,
                "max_properties": properties,
                "failover_id": failover,
                "latitude": lat,
                "longitude": lon,
            },
        )
        if created:
            BranchRule.objects.bulk_create(
                BranchRule(site=site, name=name, value=values[rank], valid_from=BEGINNING)
                for name, values in RULES.items()
            )
        return created

    def enter_holidays(self):
        for country, days in HOLIDAYS.items():
            for year in (2025, 2026, 2027):
                for (month, day), name in days:
                    held, _created = Holiday.objects.get_or_create(
                        country=country, day=date(year, month, day), defaults={"name": name}
                    )
                    # Earlier versions wrote a straight apostrophe; a name that people gave stays.
                    if held.name != name and held.name == name.replace("’", "'"):
                        held.name = name
                        held.save(update_fields=["name"])

    def assign_directors(self):
        for user in User.objects.filter(groups__name__in=["admin", "pdg"]):
            for site in Site.objects.all():
                Assignment.objects.get_or_create(user=user, site=site)
