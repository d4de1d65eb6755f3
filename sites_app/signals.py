"""What persons announce to the apps above."""

from django.dispatch import Signal

#: Sent before a person is erased, and to show what that means, with ``row``: an owner, a tenant or
#: a guarantor. A receiver answers with the ``Part``s that its app keeps of him, or objects by
#: raising a BusinessError.
person_erasing = Signal()

#: Sent inside the act once he is erased, with ``row`` and ``actor``.
person_erased = Signal()
