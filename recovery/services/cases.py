"""Cases follow the journal: opened when something is late, settled when nothing is.

One statement reads what stands open (as the ageing does) and writes cases and promises: for a
whole branch each night, when the calendar alone makes debts late, and for the tenants concerned in
the very act that moves their money.
"""

import datetime
from collections.abc import Iterable

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError
from akig.lib.freshness import renew
from akig.lib.prepared import run_prepared
from payments.metrics.debts import open_items
from payments.services.posting import lock_books
from recovery.models import Case, Pause
from recovery.services.ladders import provide_ladder
from sites_app.models import Site
from tenants.models import Lease, Tenant

#: From so many leases on, a statement is planned for them rather than kept prepared for one.
MANY = 20

OF_BRANCH = """
WITH lease AS MATERIALIZED (
    SELECT id, tenant_id FROM tenants_lease WHERE site_id = %(site)s
)"""

# All leases of the tenants whose leases are given: a debt on one counts with what is ahead on
# another.
OF_LEASES = """
WITH lease AS MATERIALIZED (
    SELECT id, tenant_id FROM tenants_lease
     WHERE site_id = %(site)s
       AND tenant_id IN (SELECT tenant_id FROM tenants_lease WHERE id = ANY(%(leases)s))
)"""

# ``due`` is read once, not once for each lease: of tables just filled, by a first import, the
# planner believes that there is one. ``prior`` is the case as it stood. A settled one that opens
# again begins at the foot of the ladder. Each step waits at least as long after the one before as
# the ladder has between them.
FOLLOW = f"""
, {open_items("site_id = %(site)s AND lease_id IN (SELECT id FROM lease)")}
, due AS MATERIALIZED (
    SELECT * FROM item WHERE due_date IS NULL OR due_date <= %(today)s
), total AS (
    SELECT tenant_id, min(due_date) AS oldest_due,
           coalesce(sum(open), 0)::bigint - sum(advance)::bigint AS balance
      FROM due JOIN lease ON lease.id = due.lease_id GROUP BY tenant_id
), rung AS MATERIALIZED (
    SELECT id, position, after_days, least FROM recovery_level
     WHERE ladder_id = (
        SELECT id FROM recovery_ladder WHERE site_id = %(site)s AND valid_from <= %(today)s
         ORDER BY valid_from DESC LIMIT 1)
), late AS (
    SELECT total.*, coalesce(prior.opened_on, %(today)s) AS opened_on,
           coalesce(prior.level, 0) AS level, prior.acted_on,
           EXISTS (SELECT FROM recovery_pause AS pause
                    WHERE pause.tenant_id = total.tenant_id AND pause.site_id = %(site)s
                      AND lifted_at IS NULL AND (until IS NULL OR until >= %(today)s)) AS paused
      FROM total LEFT JOIN recovery_case AS prior
        ON prior.tenant_id = total.tenant_id AND prior.site_id = %(site)s
       AND prior.state <> 'settled'
     WHERE total.balance > 0 AND total.oldest_due < %(today)s
), opened AS (
    INSERT INTO recovery_case
        (site_id, tenant_id, state, balance, oldest_due, opened_on, level, acted_on,
         next_level_id, next_on)
    SELECT %(site)s, tenant_id, CASE WHEN paused THEN 'paused' ELSE 'open' END, balance,
           oldest_due, opened_on, level, acted_on, next.id,
           greatest(oldest_due + next.after_days,
                    acted_on + next.after_days - coalesce(last.after_days, 0))
      FROM late
      LEFT JOIN rung AS last ON last.position = late.level
      LEFT JOIN LATERAL (
        SELECT id, after_days FROM rung WHERE rung.position > late.level
           AND least <= late.balance ORDER BY position LIMIT 1
      ) AS next ON true
    ON CONFLICT (site_id, tenant_id) DO UPDATE
       SET state = excluded.state, balance = excluded.balance, oldest_due = excluded.oldest_due,
           opened_on = excluded.opened_on, settled_on = NULL, level = excluded.level,
           acted_on = excluded.acted_on, next_level_id = excluded.next_level_id,
           next_on = excluded.next_on
     WHERE (recovery_case.state, recovery_case.balance, recovery_case.oldest_due,
            recovery_case.next_level_id, recovery_case.next_on)
        IS DISTINCT FROM (excluded.state, excluded.balance, excluded.oldest_due,
                          excluded.next_level_id, excluded.next_on)
    RETURNING id
), settled AS (
    UPDATE recovery_case
       SET state = 'settled', balance = 0, oldest_due = NULL, settled_on = %(today)s, level = 0,
           acted_on = NULL, next_level_id = NULL, next_on = NULL
     WHERE site_id = %(site)s AND state <> 'settled'
       AND tenant_id IN (SELECT tenant_id FROM lease)
       AND tenant_id NOT IN (SELECT tenant_id FROM late)
    RETURNING id
), came AS (
    SELECT promise.id, coalesce(sum(payment.amount), 0)::bigint AS amount
      FROM recovery_promise AS promise
      JOIN lease ON lease.tenant_id = promise.tenant_id
      LEFT JOIN payments_payment AS payment
        ON payment.lease_id = lease.id AND status = 'confirmed' AND method <> 'deposit'
       AND value_date BETWEEN made_on AND due_on
       AND (value_date > made_on OR payment.created_at > promise.created_at)
     WHERE promise.site_id = %(site)s AND cancelled_at IS NULL
     GROUP BY promise.id
), told AS (
    UPDATE recovery_promise AS promise SET received = came.amount
      FROM came WHERE came.id = promise.id AND received <> came.amount
    RETURNING promise.id
)
SELECT (SELECT count(*) FROM opened) + (SELECT count(*) FROM settled)
     + (SELECT count(*) FROM told)
"""  # noqa: S608 - constants


def follow_money(*, site_id: str, leases: list[int]) -> None:
    """Let cases and promises of the tenants of ``leases`` (ids) say what the journal says now.

    Part of the act that moved the money, which holds the branch's books.
    """
    values = {"site": site_id, "leases": leases, "today": timezone.localdate()}
    if len(leases) < MANY:
        run_prepared(OF_LEASES + FOLLOW, values)
    else:
        with connection.cursor() as cursor:
            cursor.execute(OF_LEASES + FOLLOW, values)


@verb("collection.view_all")
def refresh_cases(*, actor, site: Site) -> int:
    """Let every case and promise of ``site`` follow journal and calendar; tell how many changed.

    A branch without a ladder is given the usual one.
    """
    lock_books(site.pk, [])
    provide_ladder(actor, site)
    with connection.cursor() as cursor:
        cursor.execute(OF_BRANCH + FOLLOW, {"site": site.pk, "today": timezone.localdate()})
        (changed,) = cursor.fetchone()
    renew(f"site:{site.pk}")
    return unchanged(changed)


def hold_tenant(tenant: Tenant, site_id: str) -> None:
    """Hold a tenant's leases and the books until the transaction ends.

    Acts that write to a case begin here: money moving meanwhile would write what it read before.
    """
    hold_tenants([tenant], site_id)


def hold_tenants(tenants: Iterable[Tenant | int], site_id: str) -> None:
    """Hold the leases of ``tenants`` and the books until the transaction ends."""
    lock_books(site_id, _leases(tenants, site_id))


def follow_tenant(tenant: Tenant, site_id: str) -> None:
    """Let the case of a held tenant follow what was just decided about it."""
    follow_tenants([tenant], site_id)


def follow_tenants(tenants: Iterable[Tenant | int], site_id: str) -> None:
    """Let the cases of held ``tenants`` follow what was just decided about them."""
    follow_money(site_id=site_id, leases=_leases(tenants, site_id))
    renew(f"site:{site_id}")


def _leases(tenants, site_id) -> list[int]:
    leases = Lease.objects.filter(site=site_id, tenant__in=tenants)
    return list(leases.values_list("pk", flat=True))


@verb("collection.view_all")
def pause_case(*, actor, case: Case, note: str, until: datetime.date) -> Pause:
    """Leave a tenant alone until a day, as the director decided; ``note`` says why."""
    if not note.strip():
        sentence = _("Say why the tenant is left alone.")
        raise BusinessError(sentence, fields={"note": sentence})
    if until < timezone.localdate():
        sentence = _("The date is in the past.")
        raise BusinessError(sentence, fields={"until": sentence})
    return begin_pause(
        actor, case.tenant, case.site_id, Pause.Reason.DIRECTOR, note=note, until=until
    )


@verb("collection.view_all")
def resume_case(*, actor, case: Case) -> Case:
    """Lift the director's pause: the ladder goes on. What a dispute or a plan paused stays so."""
    hold_tenant(case.tenant, case.site_id)
    pauses = Pause.objects.filter(site=case.site_id, tenant=case.tenant_id, lifted_at=None)
    lifted = pauses.filter(reason=Pause.Reason.DIRECTOR).update(lifted_at=timezone.now())
    if not lifted:
        return unchanged(case)
    follow_tenant(case.tenant, case.site_id)
    case.refresh_from_db()
    return case


def begin_pause(
    actor,
    tenant: Tenant,
    site_id: str,
    reason: str,
    *,
    note: str,
    until: datetime.date | None = None,
) -> Pause:
    """Write down a pause and let the case follow; part of an act."""
    hold_tenant(tenant, site_id)
    pause = Pause.objects.create(
        site_id=site_id, tenant=tenant, reason=reason, note=note, until=until, made_by=actor
    )
    follow_tenant(tenant, site_id)
    return pause


def end_pause(pause: Pause) -> None:
    """Lift a pause and let the case follow; part of an act."""
    hold_tenant(pause.tenant, pause.site_id)
    pause.lifted_at = timezone.now()
    pause.save(update_fields=["lifted_at"])
    follow_tenant(pause.tenant, pause.site_id)
