"""What every template may use without loading it: amounts, dates, states, links, the menu."""

import datetime as dt

import phonenumbers
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django import template
from django.conf import settings
from django.contrib.auth import get_user_model
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from accounts import act_words
from accounts.roles import ROLE_NAMES, ROLES
from akig.lib.money import format_amount
from akig.lib.panels import panels_of
from akig.menu import menu_of
from sites_app.querysets import branches_of

register = template.Library()

NOTHING = "–"
UNBROKEN_DAY = "d\u00a0MMM\u00a0y"
THEMES = ("light", "dark")

#: Shapes of 10 by 10 that tell the states apart in grey: outline, half, full, warning, struck out.
SHAPES = {
    "due": "M5 1a4 4 0 1 0 0 8a4 4 0 0 0 0-8m0 1.4a2.6 2.6 0 1 1 0 5.2a2.6 2.6 0 0 1 0-5.2",
    "partial": "M5 1a4 4 0 1 0 0 8a4 4 0 0 0 0-8m0 1.4v5.2a2.6 2.6 0 0 1 0-5.2",
    "good": "M3.9 8.6 .8 5.5l1.1-1.1 2 2L8.1 1.8l1.1 1z",
    "bad": "M5 .8 9.6 9H.4z",
    "void": "M2 1 5 4l3-3 1 1-3 3 3 3-1 1-3-3-3 3-1-1 3-3-3-3z",
    "busy": "M1 4h8v2H1z",
    "plain": "M2 2h6v6H2z",
}

#: state -> (look, word). One word, one shape and one colour each, on page, PDF and telephone.
STATES = {
    "due": ("due", pgettext_lazy("state", "due")),
    "partial": ("partial", pgettext_lazy("state", "partly paid")),
    "paid": ("good", pgettext_lazy("state", "paid")),
    "paid_late": ("good", pgettext_lazy("state", "paid late")),
    "overdue": ("bad", pgettext_lazy("state", "overdue")),
    "cancelled": ("void", pgettext_lazy("state", "cancelled")),
    "waived": ("void", pgettext_lazy("state", "waived")),
    "recorded": ("good", pgettext_lazy("state", "recorded")),
    "confirmed": ("good", pgettext_lazy("state", "confirmed")),
    "pending": ("due", pgettext_lazy("state", "to confirm")),
    "valid": ("good", pgettext_lazy("state", "valid")),
    "replaced": ("void", pgettext_lazy("state", "replaced")),
    "draft": ("plain", pgettext_lazy("state", "draft")),
    "active": ("good", pgettext_lazy("state", "active")),
    "future": ("due", pgettext_lazy("state", "to begin")),
    "notice_given": ("partial", pgettext_lazy("state", "notice given")),
    "suspended": ("partial", pgettext_lazy("state", "suspended")),
    "expired": ("void", pgettext_lazy("state", "expired")),
    "terminated": ("void", pgettext_lazy("state", "ended")),
    "revoked": ("void", pgettext_lazy("state", "revoked")),
    "applicant": ("due", pgettext_lazy("state", "applicant")),
    "former": ("plain", pgettext_lazy("state", "former tenant")),
    "blacklisted": ("bad", pgettext_lazy("state", "blacklisted")),
    "vacant": ("due", pgettext_lazy("state", "vacant")),
    "occupied": ("good", pgettext_lazy("state", "let")),
    "maintenance": ("partial", pgettext_lazy("state", "under repair")),
    "waiting": ("due", pgettext_lazy("state", "waiting")),
    "running": ("busy", pgettext_lazy("state", "running")),
    "created": ("plain", pgettext_lazy("state", "being sent")),
    "sent": ("busy", pgettext_lazy("state", "sent")),
    "waiting_payer": ("due", pgettext_lazy("state", "waiting for the payer")),
    "unknown": ("bad", pgettext_lazy("state", "unknown")),
    "received": ("due", pgettext_lazy("state", "received")),
    "enabled": ("good", pgettext_lazy("state", "enabled")),
    "disabled": ("plain", pgettext_lazy("state", "disabled")),
    "done": ("good", pgettext_lazy("state", "done")),
    "failed": ("bad", pgettext_lazy("state", "failed")),
    "open": ("due", pgettext_lazy("state", "open")),
    "in_progress": ("busy", pgettext_lazy("state", "in progress")),
    "refused": ("void", pgettext_lazy("state", "refused")),
    "withdrawn": ("void", pgettext_lazy("state", "withdrawn")),
    "closed": ("plain", pgettext_lazy("state", "closed")),
    "linked": ("good", pgettext_lazy("state", "already recorded")),
    "suggested": ("partial", pgettext_lazy("state", "suggested")),
    "unmatched": ("due", pgettext_lazy("state", "unmatched")),
    "explained": ("plain", pgettext_lazy("state", "explained")),
    "reversed": ("void", pgettext_lazy("state", "reversed")),
    "columns": ("partial", pgettext_lazy("state", "to be told what it is")),
    "read": ("good", pgettext_lazy("state", "read")),
    "prepared": ("due", pgettext_lazy("state", "to approve")),
    "approved": ("good", pgettext_lazy("state", "approved")),
    "posted": ("good", pgettext_lazy("state", "posted")),
    "restated": ("partial", pgettext_lazy("state", "restated")),
    "paused": ("partial", pgettext_lazy("state", "paused")),
    "settled": ("good", pgettext_lazy("state", "settled")),
    "kept": ("good", pgettext_lazy("state", "kept")),
    "partly_kept": ("partial", pgettext_lazy("state", "partly kept")),
    "broken": ("bad", pgettext_lazy("state", "broken")),
}


@register.filter
def money(amount, currency=None):
    """Show minor units grouped, without the currency: it stands once at the head of the column.

    The argument only tells the decimals. Zero and nothing are a dash.
    """
    if not amount:
        return NOTHING
    return format_amount(amount, currency, show_currency=False)


@register.filter
def money_in(amount, currency):
    """Show minor units with their currency, for sentences: ``900 000 GNF``, ``0 GNF``."""
    return format_amount(amount or 0, currency)


@register.filter
def kilometres(metres):
    """Show metres as ``12,4 km``; nothing is a dash."""
    if metres is None:
        return NOTHING
    return f"{format_decimal(metres / 1000, '#,##0.0', locale=_locale())}\N{NO-BREAK SPACE}km"


@register.filter
def day(value):
    """Show a date (or the local day of an instant) as ``5 oct. 2026``, never broken in two."""
    if not value:
        return NOTHING
    return format_date(_local(value), UNBROKEN_DAY, locale=_locale())


@register.filter
def moment(value):
    """Show an instant in local time as ``5 oct. 2026, 14:05``."""
    if not value:
        return NOTHING
    return format_datetime(_local(value), f"{UNBROKEN_DAY}, HH:mm", locale=_locale())


@register.filter
def month(value):
    """Show the month of a date as ``octobre 2026``."""
    if not value:
        return NOTHING
    return format_date(_local(value), "MMMM y", locale=_locale())


def _local(value):
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _locale() -> str:
    # Babel does not know every language of ours; their people read French dates.
    language = (get_language() or "fr").partition("-")[0]
    return language if language in ("fr", "en") else "fr"


@register.filter
def phone(number):
    """Show an E.164 number as people of its country write it: ``622 11 22 33``."""
    if not number:
        return NOTHING
    try:
        parsed = phonenumbers.parse(str(number), "GN")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


@register.filter
def percent(value):
    """Show a rate as people write it: ``7,5``, ``10``; nothing is a dash."""
    if value is None or value == "":
        return NOTHING
    return format_decimal(value, "0.##", locale=_locale())


@register.filter
def language_word(code):
    """Name a language that a person prefers, in the reader's language."""
    return dict(settings.SPOKEN_LANGUAGES).get(code, code)


@register.inclusion_tag("_badge.html")
def badge(state, label=None):
    """Show a state by its word, shape and colour; ``label`` replaces the word."""
    look, word = STATES.get(state, ("plain", state))
    return {"look": look, "shape": SHAPES[look], "label": label or word}


@register.filter
def may(user, permission):
    """Tell whether ``user`` holds ``permission``: it hides buttons, services protect."""
    return bool(user and user.is_authenticated and user.may(permission))


@register.filter
def only_shared_with(row, user):
    """Tell whether ``user`` sees ``row`` because it is shared: he reads it, and no act is his."""
    return user.works_here and row.site_id not in branches_of(user)


@register.filter
def role_name(role):
    return ROLE_NAMES.get(role, role)


@register.filter
def act_word(name):
    """Name an act as people do: ``payments.cancel_payment`` is *Cancel a payment*."""
    return act_words.act_word(name)


@register.simple_tag
def who_may(permission):
    """Name the roles that hold ``permission``: ``director, accountant``."""
    names = [str(ROLE_NAMES[role]) for role, codes in ROLES.items() if permission in codes.split()]
    return ", ".join(names)


@register.simple_tag
def demonstration():
    """Return the fictitious people of the demonstration who may sign in; none elsewhere."""
    if not settings.DEMO:
        return []
    people = get_user_model().objects.filter(email__endswith="@akig.demo", is_active=True)
    return list(people.order_by("pk").prefetch_related("groups")[:12])


@register.simple_tag(takes_context=True)
def query(context, **changes):
    """Return this page's query string with ``changes``; None and "" take a parameter away."""
    return _query(context, **changes)


def _query(context, **changes) -> str:
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_link(context, field, label):
    """Return the link of a column's head: ``?sort=field``, then ``?sort=-field``."""
    current = context["request"].GET.get("sort", "")
    if current == field:
        wanted, arrow, state = f"-{field}", "↑", _("sorted upwards")
    elif current == f"-{field}":
        wanted, arrow, state = field, "↓", _("sorted downwards")
    else:
        return format_html('<a href="{}">{}</a>', _query(context, sort=field, page=None), label)
    return format_html(
        '<a href="{}">{} <span aria-hidden="true">{}</span><span class="sr">({})</span></a>',
        _query(context, sort=wanted, page=None),
        label,
        arrow,
        state,
    )


@register.inclusion_tag("_figure.html")
def figure(label, value, href="", note="", currency=""):
    """Show one figure that opens the list that adds up to it.

    ``value`` is minor units (int), or a text for what is not money; ``note`` says period, branch
    or change in words.
    """
    if isinstance(value, int) or value is None:
        currency = currency if value else ""
        value = money(value, currency or None)
    return {"label": label, "value": value, "href": href, "note": note, "currency": currency}


@register.inclusion_tag("_panels.html", takes_context=True)
def panels(context, subject, place="main"):
    """Show the boxes that the apps above put onto the page of ``subject`` at ``place``."""
    return {"shown": panels_of(context["request"], subject, place)}


@register.inclusion_tag("_menu.html", takes_context=True)
def menu(context):
    """Show the groups of the menu that hold at least one page for this person."""
    request = context["request"]
    user = request.user
    groups = []
    for group in menu_of(user.role):
        items = [
            (item.label, address)
            for item in group.items
            if (not item.permission or user.may(item.permission))
            and (address := _address(item.url_name))
        ]
        if items:
            groups.append((group.label, items))
    addresses = [address for _label, items in groups for _item, address in items]
    here = [
        address
        for address in addresses
        if request.path == address or (address != "/" and request.path.startswith(address))
    ]
    return {
        "groups": groups,
        "current": max(here, key=len, default=""),
        "admin": _address("admin:index") if user.is_staff else "",
    }


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def repeat_block(context, name):
    """Return the text of a block that the page fills elsewhere: its title, for the tab."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks and blocks.get_block(name)
    if not block:
        return ""
    text = strip_tags(block.nodelist.render(context))
    return mark_safe(" ".join(text.split()))  # noqa: S308  # nosec B308 B703 # the block escaped it


@register.simple_tag(takes_context=True)
def theme(context):
    """Return "light" or "dark" when the person chose one, else nothing: the system decides."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag
def live_port():
    """Return the port of the live process, or nothing where a proxy of ours leads to it."""
    return "" if settings.TRUST_PROXY else settings.LIVE_PORT
