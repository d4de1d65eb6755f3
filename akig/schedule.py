"""Every recurring job, one line each (``manage.py rqcron akig.schedule``)."""

from rq.cron import register

from accounts.tasks import forget_failures, note_use_of_keys, seal_record
from agents.tasks import forget_positions
from notifications.tasks import sweep
from payments.tasks import (
    ask_providers,
    charge_all_late_fees,
    check_all_books,
    reconcile_accounts,
)
from recovery.tasks import refresh_all_cases, send_mails
from sites_app.tasks import expire as expire_approvals
from tenants.tasks import expire

register(sweep, queue_name="default", interval=60)
register(note_use_of_keys, queue_name="default", interval=60)
register(send_mails, queue_name="default", interval=600)
register(ask_providers, queue_name="default", interval=15)
register(forget_positions, queue_name="default", cron="*/15 * * * *")
register(seal_record, queue_name="default", cron="20 * * * *")
register(expire_approvals, queue_name="default", cron="5 * * * *")
register(expire, queue_name="default", cron="10 0 * * *")
register(refresh_all_cases, queue_name="default", cron="50 0 * * *")
register(charge_all_late_fees, queue_name="default", cron="30 1 * * *")
register(forget_failures, queue_name="default", cron="0 2 * * *")
register(check_all_books, queue_name="default", cron="0 3 * * *")
register(reconcile_accounts, queue_name="default", cron="30 4 * * *")
