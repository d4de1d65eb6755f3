"""A recovery desk at work: calls, promises, a plan, a dispute, reminders, notices, visits."""

import datetime
from functools import partial

from django.utils import timezone

from accounts.models import User
from agents.models import Stop
from agents.services.missions import plan_missions
from akig.demo.people import CAPITAL
from payments.models import Payment
from recovery.models import Case, Channel, Contact, Notice
from recovery.services.cases import refresh_cases
from recovery.services.contacts import log_call, log_visit
from recovery.services.disputes import advance_dispute, file_dispute
from recovery.services.notices import issue_notice, write_notice
from recovery.services.plans import agree_plan
from recovery.services.promises import take_promise
from recovery.services.steps import decide_otherwise, decide_steps, send_step
from sites_app.models import Property, Site
from sites_app.services.portfolio import correct_property
from tenants.models import Lease
from tenants.services import correct_tenant, set_visiting_hours

Result = Contact.Result

DAY = datetime.timedelta(days=1)
#: What tenants said on the telephone: days ago, the result, the days until the promised one.
CALLS = [
    (9, Result.PROMISE, 5, "Attend un virement de son employeur."),
    (8, Result.PROMISE, 4, "Doit toucher une avance sur salaire."),
    (6, Result.NO_ANSWER, None, ""),
    (5, Result.REFUSED, None, "Dit que le robinet n’est toujours pas réparé."),
    (4, Result.PROMISE, 7, "Passera à l’agence avec la moitié."),
    (3, Result.WRONG_NUMBER, None, "Numéro attribué à une autre personne."),
    (2, Result.PROMISE, 4, "En voyage à Kankan, revient en fin de semaine."),
    (1, Result.NO_ANSWER, None, "Le téléphone sonne, personne ne répond."),
    (1, Result.PROMISE, 1, "Paie par mobile money."),
]
#: When tenants said that they can be visited: days of the week (1 is Monday), from, until.
HOURS = [
    ([], datetime.time(17), datetime.time(19)),
    ([1, 2, 3, 4, 5], None, datetime.time(10)),
    ([6, 7], datetime.time(9), datetime.time(12)),
    ([], datetime.time(12), datetime.time(14, 30)),
]
#: What to beware of at some houses.
NOTES = [
    "Chien dans la cour : appeler avant d’entrer.",
    "Escalier sans lumière, apporter une lampe.",
    "Ne pas y aller seul après 17 h.",
]
#: How many of the late tenants of the capital agreed to messages.
AGREED = 12
KEPT = 6


def follow_up(people: dict[str, User], today: datetime.date) -> None:
    """Do the recovery desk's work until ``today``, by the people of the office.

    Each deed is for the next late tenant of the capital; a small agency has not one for each.
    """
    for site in Site.objects.filter(is_active=True):
        refresh_cases(actor=User.objects.system(), site=site)
    keep_promises(people["secretaire"], today)
    deeds = [
        partial(_agree, people["chef"]),
        partial(_contest, people["secretaire"]),
        *(partial(_call, people["secretaire"], *call) for call in CALLS),
        *(partial(_visit, people["agent"], result) for result in (Result.ABSENT, Result.REFUSED)),
        *[partial(_consent, people["chef"])] * AGREED,
    ]
    late = Case.objects.filter(site=CAPITAL, state=Case.State.OPEN).order_by("pk")
    for deed, case in zip(deeds, late.for_list(), strict=False):
        deed(case, today)
    write(people)
    give_notices(people, today)
    plan_visits(people, today)


def _agree(lead, case, today) -> None:
    agree_plan(
        actor=lead,
        case=case,
        number=4,
        first_on=today + 10 * DAY,
        note="Perte d’emploi, reprend en début de mois",
    )


def _contest(secretary, case, today) -> None:
    dispute = file_dispute(
        actor=secretary,
        tenant=case.tenant,
        kind="rent_arrears",
        summary="Le locataire dit avoir payé deux mois à l’ancien gardien, reçus à l’appui.",
    )
    advance_dispute(
        actor=secretary,
        dispute=dispute,
        state="mediation",
        note="Rendez-vous avec le locataire et le propriétaire à l’agence.",
    )


def _call(secretary, ago, result, ahead, notes, case, today) -> None:
    day = today - ago * DAY
    promise = ahead and {"amount": max(case.balance // 2, 1), "due_on": day + ahead * DAY}
    log_call(
        actor=secretary,
        tenant=case.tenant,
        result=result,
        made_at=_at(day, 10),
        duration_minutes=4,
        notes=notes,
        promise=promise,
    )


def _visit(agent, result, case, today) -> None:
    log_visit(
        actor=agent,
        tenant=case.tenant,
        result=result,
        made_at=_at(today - 2 * DAY, 16),
        duration_minutes=10,
    )


def _consent(lead, case, today) -> None:
    language = "en" if case.pk % 4 == 0 else case.tenant.language
    correct_tenant(actor=lead, tenant=case.tenant, agreed_on=today - 30 * DAY, language=language)


def _at(day: datetime.date, hour: int) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, 20)))


def keep_promises(secretary, today: datetime.date) -> None:
    """Let some of those who paid late last month have promised it."""
    paid = Payment.objects.confirmed().filter(
        site=CAPITAL,
        timing="late",
        value_date__range=(today - 40 * DAY, today - 2 * DAY),
        lease__end=None,
    )
    told = paid.select_related("lease__tenant").order_by("lease__tenant_id", "-value_date")
    for payment in told.distinct("lease__tenant_id")[:KEPT]:
        take_promise(
            actor=secretary,
            tenant=payment.lease.tenant,
            amount=payment.amount,
            made_on=payment.value_date - 4 * DAY,
            due_on=payment.value_date,
        )


def give_notices(people: dict[str, User], today: datetime.date) -> None:
    """Confirm the notice of a tenant who leaves; another's and an owner's wait to be validated."""
    leaving = Lease.objects.filter(site=CAPITAL, state="notice_given", end__gt=today)
    notices = [
        write_notice(
            actor=people["secretaire"],
            lease=lease,
            kind=Notice.Kind.TENANT,
            given_on=today,
            leaves_on=lease.end,
            agreed=True,
        )
        for lease in leaving.order_by("end", "pk")[:2]
    ]
    for notice in notices[:1]:
        issue_notice(actor=people["chef"], notice=notice)
    oldest = Case.objects.filter(site=CAPITAL, state=Case.State.OPEN).order_by("oldest_due", "pk")
    for case in oldest.filter(tenant__leases__state="active")[:1]:
        write_notice(
            actor=people["secretaire"],
            lease=case.tenant.leases.filter(site=CAPITAL, state="active").latest("start"),
            kind=Notice.Kind.OWNER,
            given_on=today,
            reason="Nos rappels et notre visite sont restés sans réponse.",
        )


def write(people: dict[str, User]) -> None:
    """Decide a few reminders and send a letter; the rest waits for somebody."""
    ready = Case.objects.filter(site=CAPITAL, tenant__agreed_on__isnull=False).to_write()
    decide_steps(actor=people["chef"], cases=ready.for_list()[:3])
    for case in ready.for_list()[:1]:
        action = decide_otherwise(
            actor=people["chef"],
            case=case,
            channel=Channel.LETTER,
            reason="Ne lit pas ses messages",
        )
        send_step(actor=people["secretaire"], action=action)


def plan_visits(people: dict[str, User], today: datetime.date) -> None:
    """Plan today's visits: some tenants told when to come, at some houses one must beware."""
    late = Case.objects.filter(site=CAPITAL, state=Case.State.OPEN).order_by("-balance", "pk")
    for case, (days, begin, end) in zip(late.select_related("tenant"), HOURS, strict=False):
        hours = {"visit_days": days, "visit_from": begin, "visit_until": end}
        set_visiting_hours(actor=people["secretaire"], tenant=case.tenant, **hours)
    plan_missions(actor=people["chef"], site=Site.objects.get(pk=CAPITAL), day=today)
    houses = Property.objects.filter(pk__in=Stop.objects.values("property")).order_by("pk")
    for house, note in zip(houses, NOTES, strict=False):
        correct_property(actor=people["chef"], property=house, safety_note=note)
