"""What people and keys put onto the first page."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey
from akig.lib.waiting import Waiting, waits


@waits("user.manage")
def keys_to_renew(user, sites) -> Iterable[Waiting]:
    """Keys of programs whose secret is older than 90 days, or that end within a week."""
    keys = ApiKey.objects.visible_to(user).to_renew()
    yield Waiting(_("Keys of programs to renew"), keys, reverse("people:key_list"))
