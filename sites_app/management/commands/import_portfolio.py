import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from sites_app.models import Site
from sites_app.services.importing import import_files

SUFFIXES = (".csv", ".xlsx", ".tsv", ".txt", ".xlsm")


class Command(BaseCommand):
    help = (
        "Bring in a folder of spreadsheets: owners, properties, units, tenants, leases, opening"
        " balances and payments, recognised by their headings, whatever the files are called."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="report, and leave nothing")
        parser.add_argument("--site", help="the branch of rows that name none")
        parser.add_argument("--json", action="store_true")

    def handle(self, folder, site, **options):
        branch = Site.objects.filter(code=site).first() if site else None
        if site and branch is None:
            raise CommandError(f"There is no branch {site}.")
        if not folder.exists():
            raise CommandError(f"There is no folder {folder}.", returncode=2)
        paths = [folder] if folder.is_file() else sorted(folder.iterdir())
        files = [
            (path.name, path.read_bytes())
            for path in paths
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", "."))
        ]
        run, report = import_files(
            actor=User.objects.system(), files=files, site=branch, dry_run=options["dry_run"]
        )
        if options["json"]:
            told = {
                "dry_run": options["dry_run"],
                "import": run.pk if run else None,
                "files": [file.as_dict() for file in report.files],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            self.tell(report)
        if not report.is_readable:
            raise CommandError("Nothing in this folder could be read.", returncode=2)

    def tell(self, report):
        for file in report.files:
            told = file.as_dict()
            if "error" in told:
                self.stdout.write(f"{file.file}: {told['error']['code']} {told['error']['detail']}")
                continue
            self.stdout.write(
                f"{file.file}: {told['kind']}, {told['rows']} rows, {told['created']} created,"
                f" {told['existing']} existing, {len(told['refused'])} refused,"
                f" {len(told['reported'])} reported, {told['ignored']} ignored"
            )
            for word in ("refused", "reported"):
                for row in told[word]:
                    self.stdout.write(
                        f"  {word} line {row['row']} [{row['column']}] {row['reason']}:"
                        f" {row['detail']}"
                    )
