"""Calls back keep the branch that their address named; attempts lose a field nobody reads."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0013_till_counts_leave_history"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="callback",
                    name="as_it_came",
                ),
                migrations.RemoveField(
                    model_name="attempt",
                    name="pay_token",
                ),
                migrations.AddField(
                    model_name="callback",
                    name="site_code",
                    field=models.CharField(blank=True, max_length=20, verbose_name="branch"),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="callback",
                    trigger=pgtrigger.compiler.Trigger(
                        name="as_it_came",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."headers" IS DISTINCT FROM (NEW."headers") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."site_code" IS DISTINCT FROM (NEW."site_code"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="5f7e62f8e6cf69aec9adf81caa5c38f96be3bdcb",
                            operation="UPDATE",
                            pgid="pgtrigger_as_it_came_82f60",
                            table="payments_callback",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
