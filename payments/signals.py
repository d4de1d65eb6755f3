"""What money announces to the apps above."""

from django.dispatch import Signal

#: Sent inside each act that changes what leases owe, once they are settled and while the books of
#: their branch are held, with ``site_id`` and ``leases`` (ids).
money_moved = Signal()
