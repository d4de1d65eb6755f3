"""What recovery puts onto the pages of the apps below, and onto the first page."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.panels import panel
from akig.lib.waiting import Waiting, waits
from recovery.metrics.numbers import number_to_call, number_to_write
from recovery.metrics.timeline import timeline
from recovery.models import Action, Case, Dispute, Notice, Promise
from sites_app.models import Site
from tenants.models import Lease, Tenant

EVENTS = 12


@panel(
    Tenant,
    title=_("Recovery"),
    template="recovery/_tenant_panel.html",
    permission="arrears.view",
    order=60,
)
def recovery_panel(request, tenant):
    """How late the tenant is, how promises were kept, and what happened lately."""
    if not request.user.works_here:
        return None
    cases = Case.objects.visible_to(request.user).filter(tenant=tenant).with_promises()
    return {
        "cases": cases.select_related("site"),
        "events": timeline(request.user, tenant, most=EVENTS),
    }


@waits("collection.log_call")
def calls_to_make(user, sites):
    """Tenants to call, and promises whose day it is."""
    yield Waiting(_("Tenants to call"), number_to_call(user, sites), reverse("recovery:desk"))
    promises = Promise.objects.visible_to(user).filter(site__in=sites).in_status("pending")
    today = promises.filter(due_on=timezone.localdate())
    yield Waiting(_("Promises for today"), today, reverse("recovery:promise_list"))
    actions = Action.objects.visible_to(user).filter(site__in=sites).by_hand()
    yield Waiting(_("Messages to send"), actions, reverse("recovery:action_list"))


@panel(
    Tenant,
    template="recovery/_dispute_action.html",
    permission="dispute.manage",
    place="side",
    order=90,
)
def dispute_action(request, tenant):
    return {"tenant": tenant}


@panel(
    Lease,
    title=_("Notices"),
    template="recovery/_notices_panel.html",
    permission="notice.view",
    order=70,
)
def notices_panel(request, lease):
    """The notices of a lease, and where another is written."""
    notices = list(Notice.objects.visible_to(request.user).filter(lease=lease))
    writes = lease.is_real and not lease.is_over and request.user.may("notice.create")
    return {"notices": notices, "lease": lease, "writes": writes} if notices or writes else None


@panel(
    Site,
    template="recovery/_ladder_action.html",
    permission="site.manage",
    place="side",
    order=50,
)
def ladder_action(request, site):
    return {"site": site}


@waits("dispute.manage")
def disputes_to_lead(user, sites):
    """Disputes whose next step should have come."""
    disputes = Dispute.objects.visible_to(user).filter(site__in=sites).overdue()
    yield Waiting(_("Disputes to lead on"), disputes, reverse("recovery:dispute_list"))


@waits("notice.validate")
def notices_to_validate(user, sites):
    """Notices that somebody wrote."""
    notices = Notice.objects.visible_to(user).filter(site__in=sites, state=Notice.State.DRAFT)
    yield Waiting(
        _("Notices to validate"), notices, reverse("recovery:notice_list") + "?state=draft"
    )


@waits("collection.view_all")
def steps_to_decide(user, sites):
    """What the ladder would have written."""
    yield Waiting(
        _("Reminders to decide"), number_to_write(user, sites), reverse("recovery:triage")
    )
