"""Questions about many jobs."""

from django.db import models


class JobQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return the jobs of ``user``; the direction and the administrators see everybody's."""
        if not user.is_authenticated:
            return self.none()
        if user.role in ("admin", "pdg"):
            return self
        return self.filter(requested_by=user)

    def open(self):
        return self.filter(state__in=("waiting", "running"))
