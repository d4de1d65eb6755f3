import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("recovery", "0001_cases_calls_promises"),
        ("sites_app", "0005_approvals"),
        ("tenants", "0005_identity_and_consent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Action",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("sms", "SMS"),
                                    ("whatsapp", "WhatsApp"),
                                    ("email", "e-mail"),
                                    ("call", "call"),
                                    ("visit", "visit"),
                                    ("letter", "letter"),
                                ],
                                max_length=10,
                                verbose_name="channel",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("to_send", "to send"),
                                    ("sent", "sent"),
                                    ("left_out", "left out"),
                                    ("dropped", "not needed any more"),
                                ],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, max_length=200, verbose_name="reason"),
                        ),
                        ("until", models.DateField(null=True, verbose_name="until")),
                        (
                            "decided_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="decided at"
                            ),
                        ),
                        ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                        ("amount", models.BigIntegerField(null=True, verbose_name="amount asked")),
                        ("debts", models.JSONField(default=list, verbose_name="debts")),
                        ("text", models.TextField(blank=True, verbose_name="text")),
                        (
                            "address",
                            models.CharField(blank=True, max_length=254, verbose_name="sent to"),
                        ),
                        ("cost", models.PositiveIntegerField(default=0, verbose_name="cost")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recovery.level",
                                verbose_name="level",
                            ),
                        ),
                        (
                            "sent_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="sent by",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                        (
                            "tenant",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "step taken",
                        "verbose_name_plural": "steps taken",
                        "ordering": ["-decided_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ActionEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("sms", "SMS"),
                                    ("whatsapp", "WhatsApp"),
                                    ("email", "e-mail"),
                                    ("call", "call"),
                                    ("visit", "visit"),
                                    ("letter", "letter"),
                                ],
                                max_length=10,
                                verbose_name="channel",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("to_send", "to send"),
                                    ("sent", "sent"),
                                    ("left_out", "left out"),
                                    ("dropped", "not needed any more"),
                                ],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(blank=True, max_length=200, verbose_name="reason"),
                        ),
                        ("until", models.DateField(null=True, verbose_name="until")),
                        (
                            "decided_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="decided at"
                            ),
                        ),
                        ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                        ("amount", models.BigIntegerField(null=True, verbose_name="amount asked")),
                        (
                            "address",
                            models.CharField(blank=True, max_length=254, verbose_name="sent to"),
                        ),
                        ("cost", models.PositiveIntegerField(default=0, verbose_name="cost")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.level",
                                verbose_name="level",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="recovery.action",
                            ),
                        ),
                        (
                            "sent_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="sent by",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                        (
                            "tenant",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Dispute",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("rent_arrears", "amount contested"),
                                    ("property_damage", "damage to the premises"),
                                    ("lease_violation", "breach of the lease"),
                                    ("refund_claim", "claim for a refund"),
                                ],
                                max_length=16,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("filed", "filed"),
                                    ("mediation", "mediation"),
                                    ("arbitration", "arbitration"),
                                    ("decided", "decided"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                default="filed",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "summary",
                            models.TextField(max_length=2000, verbose_name="what is contested"),
                        ),
                        (
                            "amount",
                            models.BigIntegerField(null=True, verbose_name="amount contested"),
                        ),
                        (
                            "filed_on",
                            models.DateField(
                                default=django.utils.timezone.localdate, verbose_name="filed on"
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="to be settled by")),
                        ("step_due_on", models.DateField(null=True, verbose_name="next step by")),
                        (
                            "responsible",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("tenant", "tenant"),
                                    ("owner", "owner"),
                                    ("agency", "agency"),
                                    ("shared", "shared"),
                                ],
                                max_length=8,
                                verbose_name="responsible",
                            ),
                        ),
                        (
                            "outcome",
                            models.TextField(blank=True, max_length=2000, verbose_name="outcome"),
                        ),
                        ("ended_on", models.DateField(null=True, verbose_name="ended on")),
                        (
                            "filed_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="entered by",
                            ),
                        ),
                        (
                            "pause",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dispute",
                                to="recovery.pause",
                                verbose_name="pause",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                        (
                            "tenant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disputes",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "dispute",
                        "verbose_name_plural": "disputes",
                        "ordering": ["-filed_on", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="DisputeEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("rent_arrears", "amount contested"),
                                    ("property_damage", "damage to the premises"),
                                    ("lease_violation", "breach of the lease"),
                                    ("refund_claim", "claim for a refund"),
                                ],
                                max_length=16,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("filed", "filed"),
                                    ("mediation", "mediation"),
                                    ("arbitration", "arbitration"),
                                    ("decided", "decided"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                default="filed",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "summary",
                            models.TextField(max_length=2000, verbose_name="what is contested"),
                        ),
                        (
                            "amount",
                            models.BigIntegerField(null=True, verbose_name="amount contested"),
                        ),
                        (
                            "filed_on",
                            models.DateField(
                                default=django.utils.timezone.localdate, verbose_name="filed on"
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="to be settled by")),
                        ("step_due_on", models.DateField(null=True, verbose_name="next step by")),
                        (
                            "responsible",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("tenant", "tenant"),
                                    ("owner", "owner"),
                                    ("agency", "agency"),
                                    ("shared", "shared"),
                                ],
                                max_length=8,
                                verbose_name="responsible",
                            ),
                        ),
                        (
                            "outcome",
                            models.TextField(blank=True, max_length=2000, verbose_name="outcome"),
                        ),
                        ("ended_on", models.DateField(null=True, verbose_name="ended on")),
                        (
                            "filed_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="entered by",
                            ),
                        ),
                        (
                            "pause",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.pause",
                                verbose_name="pause",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="recovery.dispute",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                        (
                            "tenant",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="DisputeStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("filed", "filed"),
                                    ("mediation", "mediation"),
                                    ("arbitration", "arbitration"),
                                    ("decided", "decided"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        ("note", models.TextField(max_length=2000, verbose_name="note")),
                        (
                            "evidence",
                            models.FileField(
                                blank=True,
                                max_length=250,
                                upload_to="disputes/%Y/%m",
                                verbose_name="evidence",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="made at"
                            ),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="recovery.dispute",
                                verbose_name="dispute",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "step of a dispute",
                        "verbose_name_plural": "steps of disputes",
                        "ordering": ["made_at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="DisputeStepEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("filed", "filed"),
                                    ("mediation", "mediation"),
                                    ("arbitration", "arbitration"),
                                    ("decided", "decided"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        ("note", models.TextField(max_length=2000, verbose_name="note")),
                        (
                            "evidence",
                            models.FileField(
                                blank=True,
                                max_length=250,
                                upload_to="disputes/%Y/%m",
                                verbose_name="evidence",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="made at"
                            ),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.dispute",
                                verbose_name="dispute",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="recovery.disputestep",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Plan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("amount", models.BigIntegerField(verbose_name="amount")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("active", "kept to"),
                                    ("paid", "paid"),
                                    ("broken", "broken"),
                                    ("cancelled", "cancelled"),
                                ],
                                default="active",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "agreed_on",
                            models.DateField(
                                default=django.utils.timezone.localdate, verbose_name="agreed on"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                        ("ended_on", models.DateField(null=True, verbose_name="ended on")),
                        (
                            "agreed_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="agreed by",
                            ),
                        ),
                        (
                            "pause",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plan",
                                to="recovery.pause",
                                verbose_name="pause",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                        (
                            "tenant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "instalment plan",
                        "verbose_name_plural": "instalment plans",
                        "ordering": ["-agreed_on", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="PlanEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        ("amount", models.BigIntegerField(verbose_name="amount")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("active", "kept to"),
                                    ("paid", "paid"),
                                    ("broken", "broken"),
                                    ("cancelled", "cancelled"),
                                ],
                                default="active",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "agreed_on",
                            models.DateField(
                                default=django.utils.timezone.localdate, verbose_name="agreed on"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                        ("ended_on", models.DateField(null=True, verbose_name="ended on")),
                        (
                            "agreed_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="agreed by",
                            ),
                        ),
                        (
                            "pause",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.pause",
                                verbose_name="pause",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="recovery.plan",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                        (
                            "tenant",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PlanPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="due on")),
                        ("amount", models.BigIntegerField(verbose_name="amount")),
                        (
                            "plan",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="recovery.plan",
                                verbose_name="plan",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "part of a plan",
                        "verbose_name_plural": "parts of plans",
                        "ordering": ["due_on"],
                    },
                ),
                migrations.CreateModel(
                    name="PlanPartEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        ("due_on", models.DateField(verbose_name="due on")),
                        ("amount", models.BigIntegerField(verbose_name="amount")),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="recovery.planpart",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.plan",
                                verbose_name="plan",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.AddIndex(
                    model_name="action",
                    index=models.Index(fields=["tenant", "-decided_at"], name="action_of_tenant"),
                ),
                migrations.AddIndex(
                    model_name="action",
                    index=models.Index(
                        condition=models.Q(("state", "to_send")),
                        fields=["site"],
                        name="action_to_send",
                    ),
                ),
                migrations.AddIndex(
                    model_name="action",
                    index=models.Index(
                        condition=models.Q(("state", "sent")),
                        fields=["site", "-sent_at"],
                        name="action_by_day",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="action",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state", "to_send")),
                        fields=("site", "tenant"),
                        name="one_step_to_take_at_a_time",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="action",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True),
                            models.Q(
                                ("amount__gt", 0),
                                ("sent_at__isnull", False),
                                ("sent_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="what_was_sent_says_what_and_when",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="action",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "left_out"), _negated=True),
                            models.Q(
                                ("until__isnull", False), models.Q(("reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="what_is_left_out_says_why",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="action",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="f91827de3c8c6b93f4ef63bb00663c6da698267e",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_54a3d",
                            table="recovery_action",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="action",
                    trigger=pgtrigger.compiler.Trigger(
                        name="sent_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.state = 'sent' AND\n                    (OLD.state, OLD.level_id, OLD.channel, OLD.amount, OLD.debts, OLD.sent_at)\n                    IS DISTINCT FROM\n                    (NEW.state, NEW.level_id, NEW.channel, NEW.amount, NEW.debts, NEW.sent_at))",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="6613adb1c561c286c493f7fd846c33935ad6e96d",
                            operation="UPDATE",
                            pgid="pgtrigger_sent_stays_d3449",
                            table="recovery_action",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="action",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_actionevent" ("address", "amount", "channel", "cost", "decided_at", "decided_by_id", "id", "level_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sent_at", "sent_by_id", "site_id", "state", "tenant_id", "until") VALUES (NEW."address", NEW."amount", NEW."channel", NEW."cost", NEW."decided_at", NEW."decided_by_id", NEW."id", NEW."level_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."sent_at", NEW."sent_by_id", NEW."site_id", NEW."state", NEW."tenant_id", NEW."until"); RETURN NULL;',
                            hash="f93517ab216822d557f2d68e49377fb591fc5e7a",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_8e3c2",
                            table="recovery_action",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="action",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                            func='INSERT INTO "recovery_actionevent" ("address", "amount", "channel", "cost", "decided_at", "decided_by_id", "id", "level_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sent_at", "sent_by_id", "site_id", "state", "tenant_id", "until") VALUES (NEW."address", NEW."amount", NEW."channel", NEW."cost", NEW."decided_at", NEW."decided_by_id", NEW."id", NEW."level_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."sent_at", NEW."sent_by_id", NEW."site_id", NEW."state", NEW."tenant_id", NEW."until"); RETURN NULL;',
                            hash="fd282e7e37409a9cc5f8a759f227e0550fae4d6b",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_be852",
                            table="recovery_action",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="actionevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="14f9c5b6bdc77029ba3acee798ed05e421a6cb24",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_c9827",
                            table="recovery_actionevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="dispute",
                    index=models.Index(
                        condition=models.Q(("ended_on", None)),
                        fields=["site", "step_due_on"],
                        name="dispute_open",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dispute",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_on__isnull", False), ("state__in", ["decided", "withdrawn"])
                            ),
                            models.Q(
                                ("ended_on", None),
                                ("state__in", ["filed", "mediation", "arbitration"]),
                            ),
                            _connector="OR",
                        ),
                        name="a_dispute_ends_with_its_last_state",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="2a0db8d5bb04798184ae78a047a208dcb4de4d50",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_abe76",
                            table="recovery_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_disputeevent" ("amount", "due_on", "ended_on", "filed_by_id", "filed_on", "id", "kind", "outcome", "pause_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "responsible", "site_id", "state", "step_due_on", "summary", "tenant_id") VALUES (NEW."amount", NEW."due_on", NEW."ended_on", NEW."filed_by_id", NEW."filed_on", NEW."id", NEW."kind", NEW."outcome", NEW."pause_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."responsible", NEW."site_id", NEW."state", NEW."step_due_on", NEW."summary", NEW."tenant_id"); RETURN NULL;',
                            hash="47bfe56c84070fdeba2379029f1db570cf5d03b6",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_8e643",
                            table="recovery_dispute",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "recovery_disputeevent" ("amount", "due_on", "ended_on", "filed_by_id", "filed_on", "id", "kind", "outcome", "pause_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "responsible", "site_id", "state", "step_due_on", "summary", "tenant_id") VALUES (NEW."amount", NEW."due_on", NEW."ended_on", NEW."filed_by_id", NEW."filed_on", NEW."id", NEW."kind", NEW."outcome", NEW."pause_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."responsible", NEW."site_id", NEW."state", NEW."step_due_on", NEW."summary", NEW."tenant_id"); RETURN NULL;',
                            hash="fe440e212ca6b4a03725137b0de8c73ebba29833",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_57946",
                            table="recovery_dispute",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_disputeevent" ("amount", "due_on", "ended_on", "filed_by_id", "filed_on", "id", "kind", "outcome", "pause_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "responsible", "site_id", "state", "step_due_on", "summary", "tenant_id") VALUES (OLD."amount", OLD."due_on", OLD."ended_on", OLD."filed_by_id", OLD."filed_on", OLD."id", OLD."kind", OLD."outcome", OLD."pause_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."responsible", OLD."site_id", OLD."state", OLD."step_due_on", OLD."summary", OLD."tenant_id"); RETURN NULL;',
                            hash="bccac302a656a5b7d843b21354975ee670898165",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_f89f4",
                            table="recovery_dispute",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="disputeevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="750eeaf4dc7fdbee8948e2b1fb5d20f678052a51",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_3e9e1",
                            table="recovery_disputeevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="disputestep",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="a79833b137d095dbdfc93b8901d420556ac86456",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_d5975",
                            table="recovery_disputestep",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="disputestep",
                    trigger=pgtrigger.compiler.Trigger(
                        name="fixed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."dispute_id" IS DISTINCT FROM (NEW."dispute_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by_id" IS DISTINCT FROM (NEW."made_by_id") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."state" IS DISTINCT FROM (NEW."state"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="0b462f91c2f4ef26bc746e1390e3e156ce9468bd",
                            operation="UPDATE",
                            pgid="pgtrigger_fixed_a4336",
                            table="recovery_disputestep",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="disputestep",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_disputestepevent" ("dispute_id", "evidence", "id", "made_at", "made_by_id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "state") VALUES (NEW."dispute_id", NEW."evidence", NEW."id", NEW."made_at", NEW."made_by_id", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."site_id", NEW."state"); RETURN NULL;',
                            hash="97db931a47479324bf1fbc68383ff48e064cf13d",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_177b7",
                            table="recovery_disputestep",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="disputestep",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "recovery_disputestepevent" ("dispute_id", "evidence", "id", "made_at", "made_by_id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "state") VALUES (NEW."dispute_id", NEW."evidence", NEW."id", NEW."made_at", NEW."made_by_id", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."site_id", NEW."state"); RETURN NULL;',
                            hash="5b993e0efef495f261d93e98aa118b56572a7efa",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_6e247",
                            table="recovery_disputestep",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="disputestepevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="42c7d956e85fe15c4e2c8e7ea0b2d3f513494ed1",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_51944",
                            table="recovery_disputestepevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="plan",
                    index=models.Index(
                        condition=models.Q(("state", "active")), fields=["site"], name="plan_active"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="plan",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state", "active")),
                        fields=("site", "tenant"),
                        name="one_active_plan_per_tenant",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="plan",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="a_plan_covers_something"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="37f3242db4bd51fe2371930747760fc948668946",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_81806",
                            table="recovery_plan",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_planevent" ("agreed_by_id", "agreed_on", "amount", "ended_on", "id", "note", "pause_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "state", "tenant_id") VALUES (NEW."agreed_by_id", NEW."agreed_on", NEW."amount", NEW."ended_on", NEW."id", NEW."note", NEW."pause_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."site_id", NEW."state", NEW."tenant_id"); RETURN NULL;',
                            hash="ded9f757295ce98860e52ce76c5983afe3899d20",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_3b529",
                            table="recovery_plan",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "recovery_planevent" ("agreed_by_id", "agreed_on", "amount", "ended_on", "id", "note", "pause_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "state", "tenant_id") VALUES (NEW."agreed_by_id", NEW."agreed_on", NEW."amount", NEW."ended_on", NEW."id", NEW."note", NEW."pause_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."site_id", NEW."state", NEW."tenant_id"); RETURN NULL;',
                            hash="d8a4d73ffe20a5e45b93a9241528c00cdf42725f",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_29246",
                            table="recovery_plan",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_planevent" ("agreed_by_id", "agreed_on", "amount", "ended_on", "id", "note", "pause_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "state", "tenant_id") VALUES (OLD."agreed_by_id", OLD."agreed_on", OLD."amount", OLD."ended_on", OLD."id", OLD."note", OLD."pause_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."site_id", OLD."state", OLD."tenant_id"); RETURN NULL;',
                            hash="db19f8c404be94892891356416d20224e01a32dc",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_f8b30",
                            table="recovery_plan",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="planevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="ff763ad05b2ad81d890e65fe0c149ae3d78e8acc",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_baf2d",
                            table="recovery_planevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="planpart",
                    constraint=models.UniqueConstraint(
                        fields=("plan", "due_on"), name="one_part_per_day"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="planpart",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="a_part_is_something"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="planpart",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="80b50d15e5aca94327d2044b48bcf53dd28671e6",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_63f78",
                            table="recovery_planpart",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="planpart",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_planpartevent" ("amount", "due_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "site_id") VALUES (NEW."amount", NEW."due_on", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."plan_id", NEW."site_id"); RETURN NULL;',
                            hash="26f1ce672ec1214b257c42fde8394af5b3d0b91b",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_f20de",
                            table="recovery_planpart",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="planpartevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="6bebd5d751ef502288f30a3a89565e0b323ede8b",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_d1ef1",
                            table="recovery_planpartevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
