import os
import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError
from django.core.validators import ValidationError, validate_email
from django.db import transaction

from sites_app.models import Assignment, Site


class Command(BaseCommand):
    help = "Make the first administrator (ADMIN_EMAIL, ADMIN_PASSWORD), assigned to every branch."

    def handle(self, *args: Any, **options: Any) -> None:
        people = get_user_model().objects
        if people.filter(groups__name="admin").exists():
            self.stdout.write("There is an administrator already; nothing was changed.")
            return
        email = os.environ.get("ADMIN_EMAIL") or "admin@akig.local"
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"ADMIN_EMAIL is no e-mail address: {email!r}.") from error
        password = os.environ.get("ADMIN_PASSWORD") or ""
        chosen = password or secrets.token_urlsafe(12)
        with transaction.atomic():
            admin = people.create_user(email, chosen, role="admin", name="Administrateur")
            Assignment.objects.bulk_create(
                Assignment(user=admin, site=site, is_primary=number == 0)
                for number, site in enumerate(Site.objects.order_by("pk"))
            )
        self.stdout.write(f"Administrator: {email}")
        if not password:
            self.stdout.write(f"Password (shown this once): {chosen}")
