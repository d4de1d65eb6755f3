import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together

#: A payout or a deposit returned was the one entry of its line.
MOVE = """
INSERT INTO payments_proof (site_id, line_id, entry_id)
SELECT entry.site_id, line.id, entry.id
  FROM payments_statementline AS line
  JOIN payments_journalentry AS entry ON entry.id = line.entry_id
 WHERE line.state = 'explained' AND line.explanation IN ('payout', 'deposit');
UPDATE payments_statementline AS line SET entry_id = NULL
  FROM payments_proof AS proof WHERE proof.line_id = line.id;
"""
#: A line that proves several keeps the first.
MOVE_BACK = """
UPDATE payments_statementline AS line SET entry_id = proof.entry_id
  FROM (SELECT line_id, min(entry_id) AS entry_id FROM payments_proof GROUP BY line_id) AS proof
 WHERE proof.line_id = line.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0020_indexes_for_slow_lists"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("sites_app", "0004_history_without_idle_indexes"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Proof",
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
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proof",
                                to="payments.journalentry",
                                verbose_name="journal entry",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proofs",
                                to="payments.statementline",
                                verbose_name="line",
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
                        "verbose_name": "proof",
                        "verbose_name_plural": "proofs",
                    },
                ),
                migrations.CreateModel(
                    name="ProofEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        ("id", models.BigIntegerField()),
                        (
                            "entry",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="payments.journalentry",
                                verbose_name="journal entry",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="payments.statementline",
                                verbose_name="line",
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
                                to="payments.proof",
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
                pgtrigger.migrations.AddTrigger(
                    model_name="proof",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "payments_proofevent" ("entry_id", "id", "line_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id") VALUES (NEW."entry_id", NEW."id", NEW."line_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."site_id"); RETURN NULL;',
                            hash="6b1d586d49eb00fb46a8d4f286c65c64e650263d",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_ac51e",
                            table="payments_proof",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="proof",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "payments_proofevent" ("entry_id", "id", "line_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id") VALUES (OLD."entry_id", OLD."id", OLD."line_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."site_id"); RETURN NULL;',
                            hash="82aceb66dd58a0abe5a1ac1b25ac90954127751f",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_cfed3",
                            table="payments_proof",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="proofevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="3272d2234c1329b41c28d5bd894ac9209510a1bc",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_3cd60",
                            table="payments_proofevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
        migrations.RunSQL(MOVE, MOVE_BACK),
    ]
