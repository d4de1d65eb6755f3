"""Indexes that each payment kept up and nobody asked: beginnings of numbers, keys by person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [("payments", "0022_secrets_have_an_age")]

    operations = [
        Together(
            [
                migrations.AlterField(
                    model_name="idempotencykey",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                migrations.AlterField(
                    model_name="receipt",
                    name="number",
                    field=models.CharField(max_length=40, verbose_name="number"),
                ),
                migrations.AlterField(
                    model_name="receipt",
                    name="code",
                    field=models.CharField(max_length=16, verbose_name="code"),
                ),
                migrations.AddConstraint(
                    model_name="receipt",
                    constraint=models.UniqueConstraint(
                        fields=["number"], name="one_receipt_per_number"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="receipt",
                    constraint=models.UniqueConstraint(
                        fields=["code"], name="one_receipt_per_code"
                    ),
                ),
            ]
        )
    ]
