"""The ladder of a branch: the usual one, and those that people set."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.verbs import verb
from akig.lib.errors import BusinessError
from akig.lib.freshness import renew
from akig.lib.saving import Refusals, save
from recovery.models import Channel, Ladder, Level, Wording
from recovery.services.wordings import refuse_unknown, texts_of
from sites_app.models import Site

#: In force since ever, until the branch sets another.
BEGINNING = datetime.date(2000, 1, 1)


#: What the database refuses, in words.
REFUSALS: Refusals = {
    "one_ladder_per_branch_and_day": (
        "ladder_exists",
        "valid_from",
        gettext_lazy("Another ladder of this branch begins on this day."),
    ),
    "a_ladders_day_has_hours": (
        "hours_reversed",
        "day_ends",
        gettext_lazy("The last hour must come after the first."),
    ),
}


class LadderRefused(BusinessError):
    """A ladder that cannot be."""

    code = "ladder_refused"


@dataclass(frozen=True)
class Step:
    """A level as it is set, with its words by language."""

    name: str
    after_days: int
    channel: str
    fallback: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    least: int = 0
    cost: int = 0


#: What a branch begins with. The words are polite and threaten nobody: they say what is owed, offer
#: help, and name the office. ``services.wordings`` fills in what stands in braces. There are none
#: in languages in which nobody of ours could vouch for them.
USUAL = (
    Step(
        "Rappel amical",
        3,
        Channel.WHATSAPP,
        Channel.CALL,
        {
            "fr": "Bonjour {name}, sauf erreur de notre part, {amount} restent dus depuis le "
            "{since} pour votre loyer. Si vous avez déjà payé, merci de nous le dire. {office}.",
            "en": "Hello {name}, unless we are mistaken, {amount} has been due since {since} "
            "for your rent. If you have paid already, please let us know. {office}.",
        },
    ),
    Step(
        "Appel",
        7,
        Channel.CALL,
        Channel.VISIT,
        {
            "fr": "Bonjour {name}, ici {agency}, agence de {branch}. Je vous appelle au sujet "
            "de {amount}, dus depuis le {since}. Est-ce un bon moment ? Que s’est-il passé, et "
            "quand pourriez-vous payer ? En plusieurs fois, c’est possible : dites-nous ce qui "
            "vous convient.",
            "en": "Hello {name}, this is {agency}, {branch} branch. I am calling about "
            "{amount}, due since {since}. Is this a good moment? What happened, and when could "
            "you pay? Paying in several parts is possible: tell us what suits you.",
        },
    ),
    Step(
        "Second rappel",
        15,
        Channel.WHATSAPP,
        Channel.CALL,
        {
            "fr": "Bonjour {name}, {amount} restent dus depuis le {since}. Si le paiement est "
            "difficile en ce moment, parlons-en : nous pouvons convenir d’un échéancier. "
            "{office}.",
            "en": "Hello {name}, {amount} has been due since {since}. If paying is difficult at "
            "the moment, let us talk: we can agree on instalments. {office}.",
        },
    ),
    Step(
        "Visite",
        20,
        Channel.VISIT,
        "",
        {
            "fr": "Bonjour {name}, nous passons au sujet de {amount}, dus depuis le {since}. "
            "Nous pouvons encaisser contre reçu, ou convenir d’une date ou d’un échéancier.",
            "en": "Hello {name}, we have come about {amount}, due since {since}. We can take a "
            "payment against a receipt, or agree on a date or on instalments.",
        },
    ),
    Step(
        "Mise en demeure",
        30,
        Channel.LETTER,
        "",
        {
            "fr": "Malgré nos rappels, la somme de {amount} reste due depuis le {since}. Nous "
            "vous prions de la régler, ou de nous proposer un échéancier, dans les quinze "
            "jours. Si vous contestez cette somme, écrivez-nous : toute relance s’arrête le "
            "temps d’examiner votre réponse.",
            "en": "Despite our reminders, the sum of {amount} has been due since {since}. "
            "Please pay it, or propose instalments, within fifteen days. If you contest this "
            "sum, write to us: all reminders stop while we look into your answer.",
        },
    ),
    Step(
        "Entretien de conciliation",
        60,
        Channel.CALL,
        Channel.VISIT,
        {
            "fr": "Bonjour {name}, {amount} restent dus depuis le {since}. La direction vous "
            "propose un entretien à l’agence pour trouver une solution ensemble.",
            "en": "Hello {name}, {amount} has been due since {since}. The management invites "
            "you to a meeting at the branch to find a solution together.",
        },
    ),
)


def provide_ladder(actor, site: Site) -> None:
    """Give ``site`` the usual ladder unless it has one; part of an act."""
    if Ladder.objects.filter(site=site).exists():
        return
    ladder = Ladder(
        site=site,
        valid_from=BEGINNING,
        day_starts=datetime.time(8),
        day_ends=datetime.time(19),
        contacts_per_week=3,
        set_by=actor,
    )
    _write(ladder, USUAL)


@verb("site.manage")
def set_ladder(
    *,
    actor,
    site: Site,
    valid_from: datetime.date,
    day_starts: datetime.time,
    day_ends: datetime.time,
    contacts_per_week: int,
    steps: Sequence[Step],
) -> Ladder:
    """Let ``site`` follow up debts by ``steps`` from a day on; cases follow with the next night.

    The steps come in the order of their days. Raises ``LadderRefused``, Conflict where another
    ladder begins on that day, and BusinessError for a text that leaves open what nobody fills in.
    """
    if valid_from < timezone.localdate():
        sentence = _("The date is in the past.")
        raise LadderRefused(sentence, fields={"valid_from": sentence})
    if not steps:
        raise LadderRefused(_("A ladder has at least one step."))
    for step in steps:
        for text in step.texts.values():
            refuse_unknown(text)
    ladder = Ladder(
        site=site,
        valid_from=valid_from,
        day_starts=day_starts,
        day_ends=day_ends,
        contacts_per_week=contacts_per_week,
        set_by=actor,
    )
    _write(ladder, sorted(steps, key=lambda step: step.after_days))
    renew(f"site:{site.pk}")
    return ladder


def _write(ladder: Ladder, steps: Sequence[Step]) -> None:
    save(ladder, REFUSALS)
    for position, step in enumerate(steps, start=1):
        level = Level(
            site_id=ladder.site_id,
            ladder=ladder,
            position=position,
            name=step.name,
            after_days=step.after_days,
            least=step.least,
            channel=step.channel,
            fallback=step.fallback,
            cost=step.cost,
        )
        save(level)
        for language, text in step.texts.items():
            if text:
                save(Wording(site_id=ladder.site_id, level=level, language=language, text=text))


def steps_of(ladder: Ladder | None) -> list[Step]:
    """Return the levels of a ladder as they could be set again; the usual ones without a ladder."""
    if ladder is None:
        return list(USUAL)
    levels = list(ladder.levels.order_by("position"))
    said = texts_of(levels)
    return [
        Step(
            name=level.name,
            after_days=level.after_days,
            channel=level.channel,
            fallback=level.fallback,
            texts=said.get(level.pk, {}),
            least=level.least,
            cost=level.cost,
        )
        for level in levels
    ]


def ladder_of(site: Site | str, on: datetime.date | None = None) -> Ladder | None:
    """Return the ladder that holds at a branch on a day (today), None before its first refresh."""
    begun = Ladder.objects.filter(site=site, valid_from__lte=on or timezone.localdate())
    return begun.order_by("-valid_from").first()


def quiet_ladders(sites: Iterable[Site | str]) -> list[Ladder]:
    """Return the ladders of ``sites`` that say that nobody is disturbed at this hour."""
    begun = Ladder.objects.filter(site__in=sites, valid_from__lte=timezone.localdate())
    held = begun.order_by("site_id", "-valid_from").distinct("site_id").select_related("site")
    now = timezone.localtime().time()
    return [ladder for ladder in held if not ladder.day_starts <= now <= ladder.day_ends]
