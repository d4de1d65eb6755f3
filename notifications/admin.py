"""Work that goes on or went wrong, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django_rq.models import Dashboard

from akig.lib.admin import RoleAdmin
from notifications.models import Job

# It would let every secretary empty the queues; the rows of jobs say what there is to know.
admin.site.unregister(Dashboard)


@admin.register(Job)
class JobAdmin(RoleAdmin):
    view_code = "audit.view"
    list_display = ("title", "kind", "state", "site_code", "requested_by", "created_at", "ended")
    list_filter = ("state",)
    list_select_related = ("requested_by",)
    search_fields = ("title", "kind")
    ordering = ("-id",)

    @admin.display(description=_("finished at"), ordering="finished_at")
    def ended(self, job):
        return job.finished_at
