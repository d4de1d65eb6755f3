"""The keys of programs: people make, renew and revoke them, and each request is checked by one.

A key is ``akig_<prefix>_<secret>``. The prefix names it to people; of the secret (256 bits, so
that nobody finds it by trying) only the SHA-256 is kept.
"""

import datetime
import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.models import ApiKey, ApiKeyDay, User
from accounts.roles import PERMISSIONS, PERSONAL
from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict, NotAllowed
from akig.lib.problems import NotAuthenticated
from akig.lib.saving import check, locked
from akig.lib.throttling import take_tally

WRITTEN = re.compile(r"akig_([0-9a-f]{12})_[\w-]{43}", re.ASCII)
MOST_DAYS = 366
#: For so many hours an old secret may work beside the new one.
OVERLAP, MOST_OVERLAP = 24, 7 * 24


@dataclass(frozen=True)
class Lent:
    """What a person lent to a program: some rights at some branches, until an instant (seconds)."""

    id: int
    prefix: str
    scopes: frozenset[str]
    branches: frozenset[str]
    until: float


# Acts


def scopes_given_by(actor: User) -> list[str]:
    """Return the rights that ``actor`` may lend to a program: his own without the personal ones."""
    return [code for code in PERMISSIONS if code in actor.rights - PERSONAL]


def branches_given_by(actor: User) -> list[str]:
    """Return the codes of the branches where ``actor`` may let a program work."""
    return sorted(actor.assignments.current().values_list("site", flat=True))


@verb("user.manage")
def make_key(
    *,
    actor: User,
    name: str,
    scopes: Collection[str],
    branches: Collection[str],
    expires_at: datetime.datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with what the program sends, which is shown this once.

    Without ``expires_at`` it is good for ``API_KEY_DAYS``. Raises ``scope_out_of_reach`` and
    ``site_forbidden`` for what the actor has not himself, and ``expiry``.
    """
    if not set(scopes) <= set(scopes_given_by(actor)):
        sentence = _("You can only lend rights that you hold yourself.")
        raise NotAllowed(sentence, code="scope_out_of_reach", fields={"scopes": sentence})
    if not set(branches) <= set(branches_given_by(actor)):
        sentence = _("You are not assigned to this branch.")
        raise NotAllowed(sentence, code="site_forbidden", fields={"branches": sentence})
    key = ApiKey(
        owner=actor,
        name=" ".join(name.split()),
        prefix=secrets.token_hex(6),
        scopes=sorted(scopes),
        branches=sorted(branches),
        expires_at=_end(expires_at),
    )
    written = _renew(key)
    check(key)
    key.save(force_insert=True)
    return key, written


@verb("user.manage")
def renew_key(
    *,
    actor: User,
    key: ApiKey,
    overlap_hours: int = OVERLAP,
    expires_at: datetime.datetime | None = None,
) -> tuple[ApiKey, str]:
    """Give a key of one's own a new secret and return both; the old one works some hours more.

    A secret that was replaced before ends at once. Raises ``not_yours``, ``key_revoked`` and
    ``expiry``.
    """
    held = locked(key)
    if held.owner_id != actor.pk:
        raise NotAllowed(_("A new secret is for the person who made the key."), code="not_yours")
    if held.revoked_at:
        raise Conflict(_("This key is revoked. Make another one."), code="key_revoked")
    overlap = timezone.now() + datetime.timedelta(hours=overlap_hours)
    held.old_digest, held.old_until = held.digest, min(overlap, held.expires_at)
    held.expires_at = _end(expires_at)
    written = _renew(held)
    held.save()
    return held, written


@verb("user.manage")
def revoke_key(*, actor: User, key: ApiKey) -> ApiKey:
    """Refuse a key from now on, its old secret too; done again it changes nothing."""
    held = locked(key)
    if held.revoked_at:
        return unchanged(held)
    held.revoked_at = timezone.now()
    held.save(update_fields=["revoked_at"])
    return held


def _end(expires_at):
    now = timezone.now()
    if expires_at is None:
        return now + datetime.timedelta(days=settings.API_KEY_DAYS)
    if not now < expires_at <= now + datetime.timedelta(days=MOST_DAYS):
        sentence = _("A key ends within a year, and not before it begins.")
        raise BusinessError(sentence, code="expiry", fields={"expires_at": sentence})
    return expires_at


def _renew(key):
    written = f"akig_{key.prefix}_{secrets.token_urlsafe(32)}"
    key.digest, key.renewed_at = digest_of(written), timezone.now()
    return written


# Requests


def digest_of(written: str) -> str:
    return hashlib.sha256(written.encode()).hexdigest()


def holder_of(written: str) -> User | None:
    """Return the person who lent the key ``written``, with ``key`` set to what was lent.

    None for what is no key, or holds no more: it ended, was revoked, or the person was shut out
    or works here no more.
    """
    form = WRITTEN.fullmatch(written)
    row = form and (
        ApiKey.objects.select_related("owner")
        .filter(prefix=form[1], revoked_at=None, owner__is_active=True)
        .first()
    )
    if not row or not row.owner.works_here:
        return None
    digest = digest_of(written)
    for known, until in ((row.digest, row.expires_at), (row.old_digest, row.old_until)):
        if constant_time_compare(known, digest) and timezone.now() < until:
            return _narrowed(row, until)
    return None


def lender_of(key: ApiKey) -> User:
    """Return the person who lent ``key``, narrowed to it: for what a program left to be done.

    Raises NotAllowed once the key holds no more.
    """
    ended = key.revoked_at is not None or key.expires_at <= timezone.now()
    if ended or not key.owner.is_active or not key.owner.works_here:
        raise NotAllowed(_("This key is not valid."))
    return _narrowed(key, key.expires_at)


def _narrowed(key, until):
    user = key.owner
    user.key = Lent(
        key.pk, key.prefix, frozenset(key.scopes), frozenset(key.branches), until.timestamp()
    )
    return user


@lru_cache(maxsize=1024)
def belongs_to(written: str) -> tuple[int, int]:
    """Return the numbers of a key that holds and of its owner. Raises NotAuthenticated.

    Remembered, for no key changes hands; whether it still holds is asked with each request.
    """
    user = holder_of(written)
    if user is None:
        raise NotAuthenticated(_("This key is not valid."))
    return user.key.id, user.pk


# Counting


def tally_of(key_id: int) -> str:
    """Return under what name a request of today is counted in Redis."""
    return f"{key_id}:{timezone.localdate()}"


def note_use() -> None:
    """Write down what Redis counted since the last time (the schedule asks each minute).

    Who is stopped in the middle loses the counts of a minute.
    """
    add_use(take_tally())


@transaction.atomic
def add_use(counted: dict[str, int]) -> None:
    """Add requests to their keys and days: ``{tally_of(key): number}``."""
    for name, number in sorted(counted.items()):
        key_id, day = name.split(":")
        more = {"requests": F("requests") + number}
        ApiKeyDay.objects.get_or_create(key_id=key_id, day=day)
        ApiKeyDay.objects.filter(key_id=key_id, day=day).update(**more)
        ApiKey.objects.filter(pk=key_id).update(
            request_count=F("request_count") + number, last_used_at=timezone.now()
        )
