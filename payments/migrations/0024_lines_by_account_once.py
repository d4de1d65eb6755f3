"""The lines of an account are found by its day and by their marks: its key alone found nothing."""

import django.db.models.deletion
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [("payments", "0023_receipts_without_idle_indexes")]

    operations = [
        Together(
            [
                migrations.AlterField(
                    model_name="statementline",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="payments.moneyaccount",
                        verbose_name="account",
                    ),
                ),
            ]
        )
    ]
