"""What payments hears from the apps below."""

from django.dispatch import receiver
from django.utils.translation import gettext as _

from akig.lib.errors import Conflict
from payments.services.deposits import held
from tenants.signals import lease_cancelling


@receiver(lease_cancelling)
def refuse_when_money_stands(lease, **kwargs):
    """A lease on which something is owed, held or was paid is ended, never cancelled."""
    owed = lease.charges.standing().exists()
    if owed or lease.payments.confirmed().exists() or held(lease):
        raise Conflict(
            _("Charges or payments stand on this lease: end it, or cancel them first."),
            code="lease_has_money",
        )
