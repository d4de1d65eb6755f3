"""What tenants and leases announce to the apps above."""

from django.dispatch import Signal

#: Sent inside the act, before a lease is cancelled, with ``lease``. A receiver objects by raising
#: a BusinessError, which undoes the act.
lease_cancelling = Signal()
