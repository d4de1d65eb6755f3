"""Who sees where whom was."""

from datetime import timedelta

from django.utils import timezone

from sites_app.querysets import BranchQuerySet

#: A position older than this says nothing of where somebody is.
FRESH = timedelta(hours=2)


class PositionQuerySet(BranchQuerySet):
    def visible_to(self, user):
        """Those of one's branches to whoever leads there; to everybody else one's own."""
        rows = super().visible_to(user)
        return rows if user.may("mission.manage") else rows.filter(agent=user)

    def fresh(self):
        return self.filter(taken_at__gt=timezone.now() - FRESH)

    def newest(self):
        """Keep the last position of each person."""
        return self.order_by("agent_id", "-taken_at").distinct("agent_id")
