"""What is asked of few rows among many: cancelled charges and papers, months of a branch."""

from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [("payments", "0019_regularisations_can_be_undone")]

    operations = [
        Together(
            [
                migrations.RemoveIndex(model_name="propertymonth", name="property_month_by_site"),
                migrations.AddIndex(
                    model_name="propertymonth",
                    index=models.Index(
                        fields=["site", "month"],
                        include=("property", "number", "amount"),
                        name="property_month_by_site",
                    ),
                ),
                migrations.AddIndex(
                    model_name="charge",
                    index=models.Index(
                        fields=["site", "period_start"],
                        condition=models.Q(cancelled_on__isnull=False),
                        name="charge_cancelled",
                    ),
                ),
                migrations.AddIndex(
                    model_name="receipt",
                    index=models.Index(
                        fields=["site", "-issued_at", "-id"],
                        condition=~models.Q(status="valid"),
                        name="receipt_not_valid",
                    ),
                ),
            ]
        )
    ]
