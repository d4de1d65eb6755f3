"""Who sees where whom was, and whose missions."""

from datetime import timedelta

from django.apps import apps
from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.utils import timezone

from sites_app.querysets import BranchQuerySet

#: A position older than this says nothing of where somebody is.
FRESH = timedelta(hours=2)


class OfAgentQuerySet(BranchQuerySet):
    def visible_to(self, user):
        """Those of one's branches to whoever leads there; to everybody else one's own."""
        rows = super().visible_to(user)
        return rows if user.may("mission.manage") else rows.filter(agent=user)


class PositionQuerySet(OfAgentQuerySet):
    def fresh(self):
        return self.filter(taken_at__gt=timezone.now() - FRESH)

    def newest(self):
        """Keep the last position of each person."""
        return self.order_by("agent_id", "-taken_at").distinct("agent_id")


class MissionQuerySet(OfAgentQuerySet):
    def untouched(self):
        """Keep the missions that nobody has begun: neither said so nor made a visit."""
        stops = self.model._meta.get_field("stops").related_model.objects.with_result()
        begun = stops.filter(mission=OuterRef("pk"), result__isnull=False)
        return self.filter(state="planned").exclude(Exists(begun))

    def for_list(self):
        """Fetch the agent and the stops in their order, with what came of each."""
        stops = self.model._meta.get_field("stops").related_model.objects.with_result()
        stops = stops.select_related("tenant", "property").order_by("position")
        return self.select_related("site", "agent").prefetch_related(
            Prefetch("stops", stops), "stops__tenant__phones"
        )


class StopQuerySet(BranchQuerySet):
    def with_result(self):
        """Annotate ``result``: what the last visit of the day came to, None without one."""
        visits = apps.get_model("recovery.Contact").objects.filter(
            tenant=OuterRef("tenant"), site=OuterRef("site"), made_at__date=OuterRef("day")
        )
        newest = visits.filter(kind="visit").order_by("-made_at", "-pk")
        return self.annotate(result=Subquery(newest.values("result")[:1]))
