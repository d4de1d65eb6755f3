"""Acts of people on their own account; no right is asked, for nobody else's is touched."""

import pghistory
from django.db import transaction

from accounts.models import User


def correct_profile(*, actor: User, name: str, phone: str, language: str) -> User:
    """Let a person correct name, telephone (E.164) and language of the pages."""
    user = User.objects.select_for_update()
    with transaction.atomic(), pghistory.context(verb="accounts.correct_profile", user=actor.pk):
        held = user.get(pk=actor.pk)
        held.name, held.phone, held.language = " ".join(name.split()), phone, language
        held.save(update_fields=["name", "phone", "language"])
    return held
