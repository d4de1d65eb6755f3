from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.record import note
from sites_app.imports.handing_out import portfolio_files
from sites_app.models import Site


class Command(BaseCommand):
    help = "Write everything that can be brought in as spreadsheets that can be brought in again."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--site", help="one branch; without it all")

    def handle(self, folder, site, **options):
        branch = Site.objects.filter(code=site).first() if site else None
        if site and branch is None:
            raise CommandError(f"There is no branch {site}.")
        folder.mkdir(parents=True, exist_ok=True)
        system = User.objects.system()
        note("exported", system, what="portfolio", folder=str(folder), query=f"site={site or ''}")
        for name, content, count in portfolio_files(system, branch):
            (folder / name).write_bytes(content)
            self.stdout.write(f"{name}: {count} rows")
