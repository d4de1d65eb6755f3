"""Encrypted columns are written anew under a new key while everything else stands still."""

from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from akig.lib.encryption import SecretsField, encrypted_columns
from akig.lib.waiting import waiting_for
from payments.models import OwnerPaymentDetails, Provider
from payments.services.contracts import correct_provider
from payments.services.payouts import set_payment_details
from tests.factories import SECRETS, make_provider

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def sealed(cast, settings):
    """A contract and an owner's account number, encrypted under ``OLD``."""
    settings.FIELD_KEYS = [OLD]
    provider = make_provider(cast.conakry)
    details = set_payment_details(
        actor=cast.awa, site=cast.conakry, owner=cast.owner, method="wave", number="622001122"
    )
    return provider, details


def rotate(**options):
    said = StringIO()
    call_command("rotate_keys", stdout=said, **options)
    return said.getvalue()


def test_afterwards_the_old_key_is_needed_no_more(sealed, settings):
    provider, details = sealed
    before = [(row.version, row.events.count()) for row in sealed]
    settings.FIELD_KEYS = [NEW, OLD]
    said = rotate(batch=1)
    assert "payments.Provider.secrets: 1 written" in said
    assert "payments.OwnerPaymentDetails.number: 1 written" in said
    settings.FIELD_KEYS = [NEW]
    provider, details = (
        Provider.objects.get(pk=provider.pk),
        OwnerPaymentDetails.objects.get(pk=details.pk),
    )
    assert provider.secrets == SECRETS
    assert details.number == {"number": "622001122"}
    assert [(row.version, row.events.count()) for row in (provider, details)] == before


def test_done_again_it_writes_nothing(sealed, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    rotate()
    assert "1 written" not in rotate()


def test_a_key_that_is_lost_is_told_and_nothing_is_written(sealed, settings):
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match="FIELD_KEYS lacks the key"):
        rotate()
    with pytest.raises(ImproperlyConfigured):
        Provider.objects.get(pk=sealed[0].pk)


def test_no_history_keeps_what_is_encrypted():
    names = {(field.model, field.name) for field in encrypted_columns()}
    assert names
    for model in apps.get_models():
        tracked = getattr(model, "pgh_tracked_model", None)
        assert not any((tracked, field.name) in names for field in model._meta.local_fields)
        assert tracked is None or not any(
            isinstance(field, SecretsField) for field in model._meta.local_fields
        )


def test_old_secrets_of_a_provider_wait_until_they_are_replaced(cast):
    provider = make_provider(cast.conakry, secrets_since=timezone.now() - timedelta(days=91))
    lines = [line for line in waiting_for(cast.awa, [cast.conakry]) if "contrats" in line.address]
    assert [line.number for line in lines] == [1]
    correct_provider(actor=cast.awa, provider=provider, secrets={"subscription_key": "fresh"})
    assert not [
        line for line in waiting_for(cast.awa, [cast.conakry]) if "contrats" in line.address
    ]
