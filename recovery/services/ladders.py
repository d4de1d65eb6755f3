"""The ladder of a branch: the usual one, and those that people set."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from recovery.models import Channel, Ladder, Level, Wording
from sites_app.models import Site

#: In force since ever, until the branch sets another.
BEGINNING = datetime.date(2000, 1, 1)


@dataclass(frozen=True)
class Step:
    name: str
    after_days: int
    channel: str
    fallback: str
    text: str


#: What a branch begins with. The words are French, polite, and threaten nobody: they say what is
#: owed, offer help, and name the office. ``services.wordings`` fills in what stands in braces.
USUAL = (
    Step(
        "Rappel amical",
        3,
        Channel.WHATSAPP,
        Channel.SMS,
        "Bonjour {name}, sauf erreur de notre part, {amount} restent dus depuis le {since} pour "
        "votre loyer. Si vous avez déjà payé, merci de nous le dire. {branch}, {phone}.",
    ),
    Step(
        "Appel",
        7,
        Channel.CALL,
        Channel.VISIT,
        "Bonjour {name}, ici {branch}. Je vous appelle au sujet de {amount}, dus depuis le "
        "{since}. Est-ce un bon moment ? Que s’est-il passé, et quand pourriez-vous payer ? "
        "En plusieurs fois, c’est possible : dites-nous ce qui vous convient.",
    ),
    Step(
        "Second rappel",
        15,
        Channel.WHATSAPP,
        Channel.SMS,
        "Bonjour {name}, {amount} restent dus depuis le {since}. Si le paiement est difficile en "
        "ce moment, parlons-en : nous pouvons convenir d’un échéancier. {branch}, {phone}.",
    ),
    Step(
        "Visite",
        20,
        Channel.VISIT,
        "",
        "Bonjour {name}, nous passons au sujet de {amount}, dus depuis le {since}. Nous pouvons "
        "encaisser contre reçu, ou convenir d’une date ou d’un échéancier.",
    ),
    Step(
        "Mise en demeure",
        30,
        Channel.LETTER,
        "",
        "Malgré nos rappels, la somme de {amount} reste due depuis le {since}. Nous vous prions "
        "de la régler, ou de nous proposer un échéancier, dans les quinze jours. Si vous contestez "
        "cette somme, écrivez-nous : toute relance s’arrête le temps d’examiner votre réponse.",
    ),
    Step(
        "Entretien de conciliation",
        60,
        Channel.CALL,
        Channel.VISIT,
        "Bonjour {name}, {amount} restent dus depuis le {since}. La direction vous propose un "
        "entretien à l’agence pour trouver une solution ensemble.",
    ),
)


def provide_ladder(actor, site: Site) -> None:
    """Give ``site`` the usual ladder unless it has one; part of an act."""
    if Ladder.objects.filter(site=site).exists():
        return
    ladder = Ladder.objects.create(
        site=site,
        valid_from=BEGINNING,
        day_starts=datetime.time(8),
        day_ends=datetime.time(19),
        contacts_per_week=3,
        set_by=actor,
    )
    for position, step in enumerate(USUAL, start=1):
        level = Level.objects.create(
            site=site,
            ladder=ladder,
            position=position,
            name=step.name,
            after_days=step.after_days,
            channel=step.channel,
            fallback=step.fallback,
        )
        Wording.objects.create(site=site, level=level, language="fr", text=step.text)


def ladder_of(site: Site | str, on: datetime.date | None = None) -> Ladder | None:
    """Return the ladder that holds at a branch on a day (today), None before its first refresh."""
    begun = Ladder.objects.filter(site=site, valid_from__lte=on or timezone.localdate())
    return begun.order_by("-valid_from").first()
