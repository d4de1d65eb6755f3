"""Acts on branches and their rules."""

import datetime

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError
from akig.lib.isolation import everywhere
from akig.lib.saving import correct, locked, refusing, save
from sites_app.models import Assignment, BranchRule, Holiday, Site
from sites_app.querysets import forget_branches
from sites_app.rules import RULES

REFUSALS = {
    "sites_app_site_pkey": (
        "duplicate_code",
        "code",
        gettext_lazy("Another branch has this code."),
    ),
    "one_holiday_per_day": (
        "duplicate_holiday",
        "day",
        gettext_lazy("This day is a holiday already."),
    ),
}


class UnknownRule(BusinessError):
    """There is no rule of this name."""


@verb("site.manage")
def open_branch(*, actor, code: str, name: str, **details) -> Site:
    """Open a branch and assign the administrators and directors to it.

    ``details`` are the other fields of ``Site``: country, city, currency, timezone, language …
    Raises ``duplicate_code``.
    """
    site = Site(code=code.strip().upper(), name=name.strip(), **details)
    directors = get_user_model().objects.filter(groups__name__in=["admin", "pdg"], is_active=True)
    with everywhere(), refusing(REFUSALS):  # nobody works there yet
        site.save(force_insert=True)
        for user in directors:
            Assignment.objects.create(user=user, site=site)
    forget_branches(actor)
    return site


@verb("site.manage")
def add_holiday(*, actor, country: str, day: datetime.date, name: str) -> Holiday:
    """Enter a day on which the offices of a country are closed. Raises ``duplicate_holiday``."""
    return save(Holiday(country=country, day=day, name=name.strip()), REFUSALS)


@verb("site.manage")
def correct_site(*, actor, site: Site, version: int | None = None, **changes) -> Site:
    """Correct fields of a branch. Raises ``stale`` when another correction came between."""
    held = locked(site, version)
    return held if correct(held, changes) else unchanged(held)


@verb("site.manage")
def set_rule(
    *,
    actor,
    site: Site,
    name: str,
    value: str,
    valid_from: datetime.date | None = None,
    note: str = "",
) -> BranchRule:
    """Let a rule have ``value`` at ``site`` from a day on (today); earlier days keep theirs.

    The same value on the same day again changes nothing. Raises ``UnknownRule`` and
    ``RuleValueRefused``.
    """
    if name not in RULES:
        sentence = _("There is no rule “%(name)s”. Known rules: %(known)s.") % {
            "name": name,
            "known": ", ".join(sorted(RULES)),
        }
        raise UnknownRule(sentence, fields={"name": sentence})
    RULES[name].read(value)
    day = valid_from or timezone.localdate()
    standing = BranchRule.objects.filter(site=site, name=name, valid_from=day).first()
    if standing is not None and standing.value == value:
        return unchanged(standing)
    rule = standing or BranchRule(site=site, name=name, valid_from=day)
    rule.value, rule.note, rule.set_by = value, note, actor
    rule.save()
    return rule
