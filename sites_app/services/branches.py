"""Acts on branches and their rules."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError
from sites_app.models import BranchRule, Site
from sites_app.rules import RULES


class UnknownRule(BusinessError):
    """There is no rule of this name."""


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
