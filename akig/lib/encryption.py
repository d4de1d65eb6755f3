"""Text that the database holds only encrypted: secrets of providers, numbers of accounts."""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.crypto import salted_hmac


def cipher() -> MultiFernet:
    """Return the cipher of the installation: the first key of ``FIELD_KEYS`` writes, all read."""
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def veiled(secret: str) -> str:
    """Return what proves a secret to who knows it, and tells it to nobody (HMAC-SHA256)."""
    return salted_hmac("akig.veiled", secret, algorithm="sha256").hexdigest()


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
            raise ImproperlyConfigured(
                "FIELD_KEYS lacks the key under which a secret was stored."
            ) from error
