import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("payments", "0024_lines_by_account_once"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("sites_app", "0005_approvals"),
        ("tenants", "0005_identity_and_consent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Case",
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
                                    ("open", "open"),
                                    ("paused", "paused"),
                                    ("settled", "settled"),
                                ],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("balance", models.BigIntegerField(verbose_name="late")),
                        ("oldest_due", models.DateField(null=True, verbose_name="late since")),
                        ("opened_on", models.DateField(verbose_name="opened on")),
                        ("settled_on", models.DateField(null=True, verbose_name="settled on")),
                        (
                            "level",
                            models.PositiveSmallIntegerField(
                                db_default=0, default=0, verbose_name="level"
                            ),
                        ),
                        ("acted_on", models.DateField(null=True, verbose_name="last step on")),
                        ("next_on", models.DateField(null=True, verbose_name="next step on")),
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
                                related_name="cases",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "case",
                        "verbose_name_plural": "cases",
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
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
                            "client_id",
                            models.UUIDField(
                                default=uuid.uuid4, unique=True, verbose_name="sender's key"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("call", "call"), ("visit", "visit")],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="made at"
                            ),
                        ),
                        (
                            "duration_minutes",
                            models.PositiveSmallIntegerField(null=True, verbose_name="minutes"),
                        ),
                        (
                            "result",
                            models.CharField(
                                choices=[
                                    ("promise", "promise"),
                                    ("payment", "payment"),
                                    ("paid", "says to have paid"),
                                    ("refused", "refused"),
                                    ("no_answer", "no answer"),
                                    ("absent", "absent"),
                                    ("wrong_number", "wrong number"),
                                ],
                                max_length=12,
                                verbose_name="result",
                            ),
                        ),
                        (
                            "notes",
                            models.CharField(blank=True, max_length=1000, verbose_name="notes"),
                        ),
                        ("owed", models.BigIntegerField(verbose_name="late then")),
                        (
                            "latitude",
                            models.DecimalField(
                                decimal_places=6, max_digits=9, null=True, verbose_name="latitude"
                            ),
                        ),
                        (
                            "longitude",
                            models.DecimalField(
                                decimal_places=6, max_digits=9, null=True, verbose_name="longitude"
                            ),
                        ),
                        (
                            "accuracy",
                            models.PositiveIntegerField(null=True, verbose_name="accuracy, metres"),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="entered at"
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
                            "payment",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visit",
                                to="payments.payment",
                                verbose_name="payment",
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
                                related_name="contacts",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "call or visit",
                        "verbose_name_plural": "calls and visits",
                        "ordering": ["-made_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ContactEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "client_id",
                            models.UUIDField(default=uuid.uuid4, verbose_name="sender's key"),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("call", "call"), ("visit", "visit")],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="made at"
                            ),
                        ),
                        (
                            "duration_minutes",
                            models.PositiveSmallIntegerField(null=True, verbose_name="minutes"),
                        ),
                        (
                            "result",
                            models.CharField(
                                choices=[
                                    ("promise", "promise"),
                                    ("payment", "payment"),
                                    ("paid", "says to have paid"),
                                    ("refused", "refused"),
                                    ("no_answer", "no answer"),
                                    ("absent", "absent"),
                                    ("wrong_number", "wrong number"),
                                ],
                                max_length=12,
                                verbose_name="result",
                            ),
                        ),
                        (
                            "notes",
                            models.CharField(blank=True, max_length=1000, verbose_name="notes"),
                        ),
                        ("owed", models.BigIntegerField(verbose_name="late then")),
                        (
                            "latitude",
                            models.DecimalField(
                                decimal_places=6, max_digits=9, null=True, verbose_name="latitude"
                            ),
                        ),
                        (
                            "longitude",
                            models.DecimalField(
                                decimal_places=6, max_digits=9, null=True, verbose_name="longitude"
                            ),
                        ),
                        (
                            "accuracy",
                            models.PositiveIntegerField(null=True, verbose_name="accuracy, metres"),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="entered at"
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
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="payments.payment",
                                verbose_name="payment",
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
                                to="recovery.contact",
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
                    name="Ladder",
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
                        ("valid_from", models.DateField(verbose_name="from")),
                        ("day_starts", models.TimeField(verbose_name="not before")),
                        ("day_ends", models.TimeField(verbose_name="not after")),
                        (
                            "contacts_per_week",
                            models.PositiveSmallIntegerField(
                                verbose_name="contacts in a week, at most"
                            ),
                        ),
                        (
                            "set_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="set by",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sites_app.site",
                                verbose_name="branch",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ladder",
                        "verbose_name_plural": "ladders",
                        "ordering": ["site", "-valid_from"],
                    },
                ),
                migrations.CreateModel(
                    name="LadderEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        ("valid_from", models.DateField(verbose_name="from")),
                        ("day_starts", models.TimeField(verbose_name="not before")),
                        ("day_ends", models.TimeField(verbose_name="not after")),
                        (
                            "contacts_per_week",
                            models.PositiveSmallIntegerField(
                                verbose_name="contacts in a week, at most"
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
                                to="recovery.ladder",
                            ),
                        ),
                        (
                            "set_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="set by",
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
                    name="Level",
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
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        ("name", models.CharField(max_length=60, verbose_name="name")),
                        (
                            "after_days",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MaxValueValidator(3650)],
                                verbose_name="days late",
                            ),
                        ),
                        (
                            "least",
                            models.BigIntegerField(default=0, verbose_name="from an amount of"),
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
                            "fallback",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("sms", "SMS"),
                                    ("whatsapp", "WhatsApp"),
                                    ("email", "e-mail"),
                                    ("call", "call"),
                                    ("visit", "visit"),
                                    ("letter", "letter"),
                                ],
                                max_length=10,
                                verbose_name="else by",
                            ),
                        ),
                        ("cost", models.PositiveIntegerField(default=0, verbose_name="cost")),
                        (
                            "ladder",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="levels",
                                to="recovery.ladder",
                                verbose_name="ladder",
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
                        "verbose_name": "level",
                        "verbose_name_plural": "levels",
                        "ordering": ["ladder", "position"],
                    },
                ),
                migrations.CreateModel(
                    name="CaseEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "open"),
                                    ("paused", "paused"),
                                    ("settled", "settled"),
                                ],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("balance", models.BigIntegerField(verbose_name="late")),
                        ("oldest_due", models.DateField(null=True, verbose_name="late since")),
                        ("opened_on", models.DateField(verbose_name="opened on")),
                        ("settled_on", models.DateField(null=True, verbose_name="settled on")),
                        (
                            "level",
                            models.PositiveSmallIntegerField(
                                db_default=0, default=0, verbose_name="level"
                            ),
                        ),
                        ("acted_on", models.DateField(null=True, verbose_name="last step on")),
                        ("next_on", models.DateField(null=True, verbose_name="next step on")),
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
                                to="recovery.case",
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
                        (
                            "next_level",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.level",
                                verbose_name="next step",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.AddField(
                    model_name="case",
                    name="next_level",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recovery.level",
                        verbose_name="next step",
                    ),
                ),
                migrations.CreateModel(
                    name="LevelEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                        ("name", models.CharField(max_length=60, verbose_name="name")),
                        (
                            "after_days",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MaxValueValidator(3650)],
                                verbose_name="days late",
                            ),
                        ),
                        (
                            "least",
                            models.BigIntegerField(default=0, verbose_name="from an amount of"),
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
                            "fallback",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("sms", "SMS"),
                                    ("whatsapp", "WhatsApp"),
                                    ("email", "e-mail"),
                                    ("call", "call"),
                                    ("visit", "visit"),
                                    ("letter", "letter"),
                                ],
                                max_length=10,
                                verbose_name="else by",
                            ),
                        ),
                        ("cost", models.PositiveIntegerField(default=0, verbose_name="cost")),
                        (
                            "ladder",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.ladder",
                                verbose_name="ladder",
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
                                to="recovery.level",
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
                    name="Pause",
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
                            "reason",
                            models.CharField(
                                choices=[
                                    ("dispute", "dispute"),
                                    ("plan", "instalment plan"),
                                    ("director", "decision of the director"),
                                ],
                                max_length=8,
                                verbose_name="reason",
                            ),
                        ),
                        ("note", models.CharField(max_length=200, verbose_name="note")),
                        ("until", models.DateField(null=True, verbose_name="until")),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="made at"
                            ),
                        ),
                        ("lifted_at", models.DateTimeField(null=True, verbose_name="lifted at")),
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
                        (
                            "tenant",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pauses",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "pause",
                        "verbose_name_plural": "pauses",
                        "ordering": ["-made_at"],
                    },
                ),
                migrations.CreateModel(
                    name="PauseEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("dispute", "dispute"),
                                    ("plan", "instalment plan"),
                                    ("director", "decision of the director"),
                                ],
                                max_length=8,
                                verbose_name="reason",
                            ),
                        ),
                        ("note", models.CharField(max_length=200, verbose_name="note")),
                        ("until", models.DateField(null=True, verbose_name="until")),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="made at"
                            ),
                        ),
                        ("lifted_at", models.DateTimeField(null=True, verbose_name="lifted at")),
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
                                to="recovery.pause",
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
                    name="Photo",
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
                            "file",
                            models.FileField(
                                max_length=250, upload_to="visits/%Y/%m", verbose_name="photo"
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="recovery.contact",
                                verbose_name="visit",
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
                        "verbose_name": "photo",
                        "verbose_name_plural": "photos",
                    },
                ),
                migrations.CreateModel(
                    name="PhotoEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "file",
                            models.FileField(
                                max_length=250, upload_to="visits/%Y/%m", verbose_name="photo"
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.contact",
                                verbose_name="visit",
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
                                to="recovery.photo",
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
                    name="Promise",
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
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(auto_now_add=True, verbose_name="entered at"),
                        ),
                        ("made_on", models.DateField(verbose_name="made on")),
                        ("due_on", models.DateField(verbose_name="promised for")),
                        ("amount", models.BigIntegerField(verbose_name="amount")),
                        (
                            "place",
                            models.CharField(
                                choices=[
                                    ("office", "at the office"),
                                    ("home", "at the tenant's"),
                                    ("mobile_money", "mobile money"),
                                    ("bank", "at the bank"),
                                ],
                                default="office",
                                max_length=12,
                                verbose_name="place",
                            ),
                        ),
                        (
                            "received",
                            models.BigIntegerField(
                                db_default=0, default=0, verbose_name="received"
                            ),
                        ),
                        (
                            "cancelled_at",
                            models.DateTimeField(null=True, verbose_name="cancelled at"),
                        ),
                        (
                            "cancel_reason",
                            models.CharField(blank=True, max_length=200, verbose_name="reason"),
                        ),
                        (
                            "contact",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="promise",
                                to="recovery.contact",
                                verbose_name="call or visit",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="taken by",
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
                                related_name="promises",
                                to="tenants.tenant",
                                verbose_name="tenant",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "promise to pay",
                        "verbose_name_plural": "promises to pay",
                        "ordering": ["due_on", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="PromiseEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(auto_now_add=True, verbose_name="entered at"),
                        ),
                        ("made_on", models.DateField(verbose_name="made on")),
                        ("due_on", models.DateField(verbose_name="promised for")),
                        ("amount", models.BigIntegerField(verbose_name="amount")),
                        (
                            "place",
                            models.CharField(
                                choices=[
                                    ("office", "at the office"),
                                    ("home", "at the tenant's"),
                                    ("mobile_money", "mobile money"),
                                    ("bank", "at the bank"),
                                ],
                                default="office",
                                max_length=12,
                                verbose_name="place",
                            ),
                        ),
                        (
                            "received",
                            models.BigIntegerField(
                                db_default=0, default=0, verbose_name="received"
                            ),
                        ),
                        (
                            "cancelled_at",
                            models.DateTimeField(null=True, verbose_name="cancelled at"),
                        ),
                        (
                            "cancel_reason",
                            models.CharField(blank=True, max_length=200, verbose_name="reason"),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="recovery.contact",
                                verbose_name="call or visit",
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
                                verbose_name="taken by",
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
                                to="recovery.promise",
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
                    name="Wording",
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
                        ("language", models.CharField(max_length=8, verbose_name="language")),
                        ("text", models.TextField(max_length=1000, verbose_name="text")),
                        (
                            "level",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="wordings",
                                to="recovery.level",
                                verbose_name="level",
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
                        "verbose_name": "wording",
                        "verbose_name_plural": "wordings",
                    },
                ),
                migrations.CreateModel(
                    name="WordingEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        ("language", models.CharField(max_length=8, verbose_name="language")),
                        ("text", models.TextField(max_length=1000, verbose_name="text")),
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
                                to="recovery.wording",
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
                    model_name="contact",
                    index=models.Index(fields=["tenant", "-made_at"], name="contact_of_tenant"),
                ),
                migrations.AddIndex(
                    model_name="contact",
                    index=models.Index(fields=["site", "-made_at"], name="contact_by_day"),
                ),
                migrations.AddConstraint(
                    model_name="contact",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "call"),
                                (
                                    "result__in",
                                    ("promise", "refused", "no_answer", "wrong_number", "paid"),
                                ),
                            ),
                            models.Q(
                                ("kind", "visit"),
                                ("result__in", ("payment", "promise", "refused", "absent")),
                            ),
                            _connector="OR",
                        ),
                        name="a_contact_ends_as_its_kind_can",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="contact",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("payment__isnull", False), ("result", "payment")),
                            models.Q(
                                models.Q(("result", "payment"), _negated=True), ("payment", None)
                            ),
                            _connector="OR",
                        ),
                        name="a_visit_with_a_payment_has_one",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="contact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="599e569271155d2caeefba510b32ddfeca55ceee",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_fbd5b",
                            table="recovery_contact",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="contact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="fixed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."duration_minutes" IS DISTINCT FROM (NEW."duration_minutes") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by_id" IS DISTINCT FROM (NEW."made_by_id") OR OLD."owed" IS DISTINCT FROM (NEW."owed") OR OLD."payment_id" IS DISTINCT FROM (NEW."payment_id") OR OLD."result" IS DISTINCT FROM (NEW."result") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="68cdad5bd782c6284e64b17beaa8adc247c99280",
                            operation="UPDATE",
                            pgid="pgtrigger_fixed_8754d",
                            table="recovery_contact",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="contact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_contactevent" ("accuracy", "client_id", "created_at", "duration_minutes", "id", "kind", "latitude", "longitude", "made_at", "made_by_id", "notes", "owed", "payment_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "site_id", "tenant_id") VALUES (NEW."accuracy", NEW."client_id", NEW."created_at", NEW."duration_minutes", NEW."id", NEW."kind", NEW."latitude", NEW."longitude", NEW."made_at", NEW."made_by_id", NEW."notes", NEW."owed", NEW."payment_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."result", NEW."site_id", NEW."tenant_id"); RETURN NULL;',
                            hash="230e0ef04139b8ae4ebef05818ab245e2ce49e18",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_a042f",
                            table="recovery_contact",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="contact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "recovery_contactevent" ("accuracy", "client_id", "created_at", "duration_minutes", "id", "kind", "latitude", "longitude", "made_at", "made_by_id", "notes", "owed", "payment_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "site_id", "tenant_id") VALUES (NEW."accuracy", NEW."client_id", NEW."created_at", NEW."duration_minutes", NEW."id", NEW."kind", NEW."latitude", NEW."longitude", NEW."made_at", NEW."made_by_id", NEW."notes", NEW."owed", NEW."payment_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."result", NEW."site_id", NEW."tenant_id"); RETURN NULL;',
                            hash="1e73771a98d9f2adfc7b3655e59fe0794e966b22",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_84a98",
                            table="recovery_contact",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="contactevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="c9db64db9a7f81735d9cd8afcd9b8183b6113763",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_328fa",
                            table="recovery_contactevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="ladder",
                    constraint=models.UniqueConstraint(
                        fields=("site", "valid_from"),
                        name="one_ladder_per_branch_and_day",
                        violation_error_message="Another ladder of this branch begins on this day.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="ladder",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("day_starts__lt", models.F("day_ends"))),
                        name="a_ladders_day_has_hours",
                        violation_error_message="The last hour must come after the first.",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="ladder",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="ba82b79e963b77bb051e66fdf59cfde039576b5a",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_51b6e",
                            table="recovery_ladder",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="ladder",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_ladderevent" ("contacts_per_week", "day_ends", "day_starts", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_by_id", "site_id", "valid_from") VALUES (NEW."contacts_per_week", NEW."day_ends", NEW."day_starts", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."set_by_id", NEW."site_id", NEW."valid_from"); RETURN NULL;',
                            hash="f9886073a6367fddef3fe239933e928eed36a858",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_95a7b",
                            table="recovery_ladder",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="ladder",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "recovery_ladderevent" ("contacts_per_week", "day_ends", "day_starts", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_by_id", "site_id", "valid_from") VALUES (NEW."contacts_per_week", NEW."day_ends", NEW."day_starts", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."set_by_id", NEW."site_id", NEW."valid_from"); RETURN NULL;',
                            hash="bd94eecac19a02a60d9d9bcc656d52d8e86431b6",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_4f82a",
                            table="recovery_ladder",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="ladder",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_ladderevent" ("contacts_per_week", "day_ends", "day_starts", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_by_id", "site_id", "valid_from") VALUES (OLD."contacts_per_week", OLD."day_ends", OLD."day_starts", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."set_by_id", OLD."site_id", OLD."valid_from"); RETURN NULL;',
                            hash="65a69b0edcca269f5bb7b2278dd6bb7ecd24fa7b",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_54e4c",
                            table="recovery_ladder",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="ladderevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="1b0861ba6006c4df09bc31dcfa6edde7aa0e714e",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_6ef1e",
                            table="recovery_ladderevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="level",
                    constraint=models.UniqueConstraint(
                        fields=("ladder", "position"), name="one_level_per_position"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="level",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("position__gt", 0)), name="levels_begin_at_one"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="level",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("least__gte", 0)), name="a_least_debt_is_none"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="level",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="534b3ce2406b528543ed7d382ad8a4fc1c025c47",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_42a7c",
                            table="recovery_level",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="level",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_levelevent" ("after_days", "channel", "cost", "fallback", "id", "ladder_id", "least", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "site_id") VALUES (NEW."after_days", NEW."channel", NEW."cost", NEW."fallback", NEW."id", NEW."ladder_id", NEW."least", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."site_id"); RETURN NULL;',
                            hash="1ad80b22cfa2fe9da8537c157388f258e66e7f9c",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_356a8",
                            table="recovery_level",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="level",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "recovery_levelevent" ("after_days", "channel", "cost", "fallback", "id", "ladder_id", "least", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "site_id") VALUES (NEW."after_days", NEW."channel", NEW."cost", NEW."fallback", NEW."id", NEW."ladder_id", NEW."least", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."site_id"); RETURN NULL;',
                            hash="7d605e09008e3bb4d1d4172c3cc8215498cfeb08",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_55392",
                            table="recovery_level",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="level",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_levelevent" ("after_days", "channel", "cost", "fallback", "id", "ladder_id", "least", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "site_id") VALUES (OLD."after_days", OLD."channel", OLD."cost", OLD."fallback", OLD."id", OLD."ladder_id", OLD."least", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."position", OLD."site_id"); RETURN NULL;',
                            hash="4bc8377bc1f5c79af25e1092556f32a399fa6ee6",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_eee48",
                            table="recovery_level",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="caseevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="05618d8ee546bedfcaff9ed4a164f02d266dba65",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_11f4d",
                            table="recovery_caseevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("state", "settled"), _negated=True),
                        fields=["site", "-balance"],
                        name="case_running",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["site", "next_on"],
                        name="case_next",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="case",
                    constraint=models.UniqueConstraint(
                        fields=("site", "tenant"), name="one_case_per_tenant_and_branch"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="case",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("balance", 0), ("oldest_due", None), ("state", "settled")),
                            models.Q(
                                models.Q(("state", "settled"), _negated=True),
                                ("balance__gt", 0),
                                ("oldest_due__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_case_runs_while_something_is_late",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="case",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="f884fa898bedef93e3c7b7a35387954df32163ba",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_25463",
                            table="recovery_case",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="case",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_caseevent" ("acted_on", "balance", "id", "level", "next_level_id", "next_on", "oldest_due", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_on", "site_id", "state", "tenant_id") VALUES (NEW."acted_on", NEW."balance", NEW."id", NEW."level", NEW."next_level_id", NEW."next_on", NEW."oldest_due", NEW."opened_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."settled_on", NEW."site_id", NEW."state", NEW."tenant_id"); RETURN NULL;',
                            hash="e4337f199bd8b8475c884b41d016d81a64fb7d1d",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_9d6bc",
                            table="recovery_case",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="case",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."state" IS DISTINCT FROM (NEW."state"))',
                            func='INSERT INTO "recovery_caseevent" ("acted_on", "balance", "id", "level", "next_level_id", "next_on", "oldest_due", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_on", "site_id", "state", "tenant_id") VALUES (NEW."acted_on", NEW."balance", NEW."id", NEW."level", NEW."next_level_id", NEW."next_on", NEW."oldest_due", NEW."opened_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."settled_on", NEW."site_id", NEW."state", NEW."tenant_id"); RETURN NULL;',
                            hash="ae2b7e4ba6832c7e792edddb2f15a281bd470ed6",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_bb032",
                            table="recovery_case",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="levelevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="d7c10f3151fc5b4356dc241407db7a2709da7172",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_8548c",
                            table="recovery_levelevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="pause",
                    index=models.Index(
                        condition=models.Q(("lifted_at", None)),
                        fields=["tenant"],
                        name="pause_in_force",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="pause",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="a2e54866972a483b9c4ad9f10529b684c56dfd7b",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_c5ae9",
                            table="recovery_pause",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="pause",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_pauseevent" ("id", "lifted_at", "made_at", "made_by_id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "site_id", "tenant_id", "until") VALUES (NEW."id", NEW."lifted_at", NEW."made_at", NEW."made_by_id", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."site_id", NEW."tenant_id", NEW."until"); RETURN NULL;',
                            hash="78df34c61c895704e4d67417abdd12af7e2a0270",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_706c9",
                            table="recovery_pause",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="pause",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "recovery_pauseevent" ("id", "lifted_at", "made_at", "made_by_id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "site_id", "tenant_id", "until") VALUES (NEW."id", NEW."lifted_at", NEW."made_at", NEW."made_by_id", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."site_id", NEW."tenant_id", NEW."until"); RETURN NULL;',
                            hash="1fdba5119eeed0a3287a9bd54ce02afabdeb6974",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_46855",
                            table="recovery_pause",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="pause",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_pauseevent" ("id", "lifted_at", "made_at", "made_by_id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "site_id", "tenant_id", "until") VALUES (OLD."id", OLD."lifted_at", OLD."made_at", OLD."made_by_id", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."site_id", OLD."tenant_id", OLD."until"); RETURN NULL;',
                            hash="40a73c22134057e56ceb7617323054ac7a9de5e4",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_befe1",
                            table="recovery_pause",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="pauseevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="c43060f2f712b9389dc7fd6b45cefe63b1d37cad",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_8af73",
                            table="recovery_pauseevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="photo",
                    trigger=pgtrigger.compiler.Trigger(
                        name="fixed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="533ec093805a1af3fdc781a25dfa02eba1109247",
                            operation="UPDATE",
                            pgid="pgtrigger_fixed_2787a",
                            table="recovery_photo",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="photo",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_photoevent" ("contact_id", "file", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id") VALUES (NEW."contact_id", NEW."file", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."site_id"); RETURN NULL;',
                            hash="8c3033ae50a70f72ed2599e0eff68596ac0ba596",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_0fafd",
                            table="recovery_photo",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="photo",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_photoevent" ("contact_id", "file", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id") VALUES (OLD."contact_id", OLD."file", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."site_id"); RETURN NULL;',
                            hash="477f1f6e80dc0d7a241ca61af7d2403893662bdf",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_37219",
                            table="recovery_photo",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="photoevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="fad267ce2f08b019e77dbb4de2085045ee9f149f",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_37781",
                            table="recovery_photoevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="promise",
                    index=models.Index(fields=["site", "due_on"], name="promise_by_day"),
                ),
                migrations.AddIndex(
                    model_name="promise",
                    index=models.Index(fields=["tenant", "due_on"], name="promise_of_tenant"),
                ),
                migrations.AddConstraint(
                    model_name="promise",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lte", 1000000000000)),
                        name="a_promise_has_an_amount",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="promise",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("made_on"))),
                        name="a_promise_lies_ahead",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="promise",
                    trigger=pgtrigger.compiler.Trigger(
                        name="count_version",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="NEW.version = OLD.version + 1; RETURN NEW;",
                            hash="4e0a633acd5c1b8c7679a0633745e2680821095f",
                            operation="UPDATE",
                            pgid="pgtrigger_count_version_a336f",
                            table="recovery_promise",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="promise",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="22b1d8c26b4737be7358c5677de6c6ac8d823179",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_cefcc",
                            table="recovery_promise",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="promise",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_promiseevent" ("amount", "cancel_reason", "cancelled_at", "contact_id", "created_at", "due_on", "id", "made_by_id", "made_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "received", "site_id", "tenant_id", "version") VALUES (NEW."amount", NEW."cancel_reason", NEW."cancelled_at", NEW."contact_id", NEW."created_at", NEW."due_on", NEW."id", NEW."made_by_id", NEW."made_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."place", NEW."received", NEW."site_id", NEW."tenant_id", NEW."version"); RETURN NULL;',
                            hash="0eb65be826ed5d55e506d067a3835f974d16bdc5",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_81fe4",
                            table="recovery_promise",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="promise",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."cancelled_at" IS DISTINCT FROM (NEW."cancelled_at") OR OLD."due_on" IS DISTINCT FROM (NEW."due_on"))',
                            func='INSERT INTO "recovery_promiseevent" ("amount", "cancel_reason", "cancelled_at", "contact_id", "created_at", "due_on", "id", "made_by_id", "made_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "received", "site_id", "tenant_id", "version") VALUES (NEW."amount", NEW."cancel_reason", NEW."cancelled_at", NEW."contact_id", NEW."created_at", NEW."due_on", NEW."id", NEW."made_by_id", NEW."made_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."place", NEW."received", NEW."site_id", NEW."tenant_id", NEW."version"); RETURN NULL;',
                            hash="527d4da99733f6d74e216d6ce1c8026744bdca08",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_b99cf",
                            table="recovery_promise",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="promiseevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="f89ce3cac6d733029dc48d5140707f62ea79a991",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_498e6",
                            table="recovery_promiseevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="wording",
                    constraint=models.UniqueConstraint(
                        fields=("level", "language"), name="one_wording_per_language"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="wording",
                    trigger=pgtrigger.compiler.Trigger(
                        name="never_deleted",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="2c24091ba271af424d7ac96e1542194e3637e3c7",
                            operation="DELETE",
                            pgid="pgtrigger_never_deleted_b4a6d",
                            table="recovery_wording",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="wording",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_wordingevent" ("id", "language", "level_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "text") VALUES (NEW."id", NEW."language", NEW."level_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."site_id", NEW."text"); RETURN NULL;',
                            hash="51de4607207e8852936105a110f218cb7af744a1",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_f3d30",
                            table="recovery_wording",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="wording",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "recovery_wordingevent" ("id", "language", "level_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "text") VALUES (NEW."id", NEW."language", NEW."level_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."site_id", NEW."text"); RETURN NULL;',
                            hash="3d2cec2cc30914d80f8b4905376d85a14353fe1e",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_31091",
                            table="recovery_wording",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="wording",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "recovery_wordingevent" ("id", "language", "level_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "text") VALUES (OLD."id", OLD."language", OLD."level_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."site_id", OLD."text"); RETURN NULL;',
                            hash="8d2180c64e1aeba3bf1e3fdc1fdb2fe8ad81bc11",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_11020",
                            table="recovery_wording",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="wordingevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="618fdb74f49306515d494f36970d329e05a01dcd",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_4c983",
                            table="recovery_wordingevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
