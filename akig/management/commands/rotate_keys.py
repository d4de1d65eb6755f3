from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from accounts.factors import renew_secrets
from akig.lib.encryption import encrypted_columns, renew_column


class Command(BaseCommand):
    help = (
        "Encrypt all encrypted columns under the first of FIELD_KEYS, while the system runs. "
        "Stopped, it is begun again; afterwards the older keys can be left out."
    )

    def add_arguments(self, parser):
        parser.add_argument("--batch", type=int, default=500, help="rows held at a time")

    def handle(self, batch, **options):
        if batch < 1:
            raise CommandError("--batch must be 1 or more.")
        for field in encrypted_columns():
            name = f"{field.model._meta.label}.{field.name}"
            self.tell(name, lambda field=field: sum(renew_column(field, batch)))
        self.tell("mfa.Authenticator.data", renew_secrets)  # a part of a value, not a column

    def tell(self, name, renew):
        try:
            written = renew()
        except ImproperlyConfigured as error:
            raise CommandError(f"{name}: {error}") from error
        self.stdout.write(f"{name}: {written} written anew")
