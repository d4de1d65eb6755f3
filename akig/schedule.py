"""Every recurring job, one line each (``manage.py rqcron akig.schedule``)."""

from rq.cron import register

from notifications.tasks import sweep

register(sweep, queue_name="default", interval=60)
