"""Text that the database holds only encrypted: secrets of providers, numbers of accounts and
identity documents. It cannot be searched.

Encrypted columns stand in no history, which nobody could write anew under another key: they are
left out where a model is tracked, and a test sees to it.
"""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import pgtrigger
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils.crypto import salted_hmac

#: Whoever learnt a secret by the way shall not have it longer than this.
OLD = timedelta(days=90)


def cipher() -> MultiFernet:
    """Return the cipher of the installation: the first key of ``FIELD_KEYS`` writes, all read."""
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def veiled(secret: str) -> str:
    """Return what proves a secret to who knows it, and tells it to nobody (HMAC-SHA256)."""
    return salted_hmac("akig.veiled", secret, algorithm="sha256").hexdigest()


LACKING = "FIELD_KEYS lacks the key under which a secret was stored."


class SecretsField(models.TextField):
    """A JSON value, encrypted with Fernet on its way into the database; "" when it is empty.

    Raises ``ImproperlyConfigured`` when read with keys that never wrote it.
    """

    def to_python(self, value):
        return value  # any JSON value, not only a text

    def get_prep_value(self, value):
        if not value:
            return ""
        return cipher().encrypt(json.dumps(value).encode()).decode()

    def from_db_value(self, value, expression, connection):
        if not value:
            return {}
        try:
            return json.loads(cipher().decrypt(value.encode()))
        except InvalidToken as error:
            raise ImproperlyConfigured(LACKING) from error


class SealedTextField(SecretsField):
    """A text, encrypted like ``SecretsField``; "" when it is empty."""

    def from_db_value(self, value, expression, connection):
        return super().from_db_value(value, expression, connection) or ""


def encrypted_names(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.fields if isinstance(field, SecretsField)}


def encrypted_columns() -> Iterator[models.Field]:
    """Yield every encrypted column of every table."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SecretsField):
                yield field


def renew_column(field: models.Field, batch: int) -> Iterator[int]:
    """Write what an older key encrypted in the column of ``field`` anew under the first one.

    Yields after each transaction of at most ``batch`` rows how many it wrote. Only those rows are
    held, so the system goes on; stopped and begun again, it writes only what is left. Neither the
    version of a row nor its history changes, for what the row says has not.
    """
    model = field.model
    rows = model._base_manager.annotate(sealed=Cast(field.attname, models.TextField()))
    rows = rows.exclude(**{field.attname: ""}).order_by("pk")
    triggers = {trigger.name for trigger in getattr(model._meta, "triggers", ())}
    counted = "count_version" in triggers
    last = 0
    while True:
        still = pgtrigger.ignore(f"{model._meta.label}:count_version") if counted else nullcontext()
        with transaction.atomic(), still:
            held = rows.filter(pk__gt=last).select_for_update(of=("self",))
            found = list(held.values_list("pk", "sealed")[:batch])
            if not found:
                return
            changed = [(pk, fresh) for pk, old in found if (fresh := renewed(old)) != old]
            for pk, fresh in changed:
                value = models.Value(fresh, output_field=models.TextField())
                model._base_manager.filter(pk=pk).update(**{field.attname: value})
        last = found[-1][0]
        yield len(changed)


def renewed(sealed: str) -> str:
    """Return an encrypted text under the first of ``FIELD_KEYS``: itself where it is already."""
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(sealed.encode())
    except InvalidToken:
        try:
            return cipher().rotate(sealed.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(LACKING) from error
    return sealed
