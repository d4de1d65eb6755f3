import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together

# What the keys of journal lines refused when an owner or a property is deleted.
KEPT = """
CREATE FUNCTION payments_keeps_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payments_journalline WHERE {column} = OLD.id) THEN
        RAISE EXCEPTION 'a journal line names this row of {table}'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'line_has_{column}';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER payments_keeps_it BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION payments_keeps_{table}()
"""
NO_LONGER_KEPT = """
DROP TRIGGER payments_keeps_it ON {table};
DROP FUNCTION payments_keeps_{table}()
"""
NAMED = (("sites_app_owner", "owner_id"), ("sites_app_property", "property_id"))


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0006_name_the_fields"),
        ("sites_app", "0003_name_the_fields"),
        ("tenants", "0003_name_the_fields"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="journalentry",
                    name="open_period",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="journalline",
                    name="balance",
                ),
                migrations.AlterField(
                    model_name="allocation",
                    name="charge",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="payments.charge",
                        verbose_name="charge",
                    ),
                ),
                migrations.AlterField(
                    model_name="allocation",
                    name="credit",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spendings",
                        to="payments.charge",
                        verbose_name="credit spent",
                    ),
                ),
                migrations.AlterField(
                    model_name="allocation",
                    name="lease",
                    field=models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="tenants.lease",
                        verbose_name="lease",
                    ),
                ),
                migrations.AlterField(
                    model_name="allocation",
                    name="payment",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="payments.payment",
                        verbose_name="payment",
                    ),
                ),
                migrations.AlterField(
                    model_name="allocation",
                    name="site",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sites_app.site",
                        verbose_name="branch",
                    ),
                ),
                migrations.AlterField(
                    model_name="charge",
                    name="entry",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="payments.journalentry",
                        verbose_name="journal entry",
                    ),
                ),
                migrations.AlterField(
                    model_name="charge",
                    name="lease",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="tenants.lease",
                        verbose_name="lease",
                    ),
                ),
                migrations.AlterField(
                    model_name="charge",
                    name="site",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sites_app.site",
                        verbose_name="branch",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalentry",
                    name="lease",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="tenants.lease",
                        verbose_name="lease",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalentry",
                    name="payment",
                    field=models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="payments.payment",
                        verbose_name="payment",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalentry",
                    name="reverses",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="payments.journalentry",
                        verbose_name="reverses",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalentry",
                    name="site",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sites_app.site",
                        verbose_name="branch",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalline",
                    name="account",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="payments.account",
                        verbose_name="account",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalline",
                    name="entry",
                    field=models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="payments.journalentry",
                        verbose_name="journal entry",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalline",
                    name="lease",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="tenants.lease",
                        verbose_name="lease",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalline",
                    name="owner",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="sites_app.owner",
                        verbose_name="owner",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalline",
                    name="property",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="sites_app.property",
                        verbose_name="property",
                    ),
                ),
                migrations.AlterField(
                    model_name="journalline",
                    name="site",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sites_app.site",
                        verbose_name="branch",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="allocation",
                    trigger=pgtrigger.compiler.Trigger(
                        name="of_its_lease",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n                    IF EXISTS (\n                        SELECT FROM fresh WHERE (\n                            SELECT count(*) FROM payments_charge AS charge\n                             WHERE charge.id = fresh.charge_id AND charge.site_id = fresh.site_id\n                               AND charge.lease_id = fresh.lease_id) = 0\n                         OR payment_id IS NOT NULL AND (\n                            SELECT count(*) FROM payments_payment AS payment\n                             WHERE payment.id = fresh.payment_id\n                               AND payment.lease_id = fresh.lease_id) = 0\n                         OR credit_id IS NOT NULL AND (\n                            SELECT count(*) FROM payments_charge AS credit\n                             WHERE credit.id = fresh.credit_id\n                               AND credit.lease_id = fresh.lease_id) = 0\n                    ) THEN\n                        RAISE EXCEPTION 'an allocation joins what is not of its lease'\n                            USING ERRCODE = 'foreign_key_violation',\n                                CONSTRAINT = 'allocation_of_its_lease';\n                    END IF;\n                    RETURN NULL;\n                    ",
                            hash="31f0c29ab176c9850741922fa8c0ba406064a9b9",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_of_its_lease_45647",
                            referencing="REFERENCING NEW TABLE AS fresh ",
                            table="payments_allocation",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="charge",
                    trigger=pgtrigger.compiler.Trigger(
                        name="stands",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n                    IF EXISTS (\n                        SELECT FROM fresh WHERE (\n                            SELECT count(*) FROM tenants_lease AS lease\n                             WHERE lease.id = fresh.lease_id AND lease.site_id = fresh.site_id) = 0\n                         OR entry_id IS NOT NULL AND (\n                            SELECT count(*) FROM payments_journalentry AS entry\n                             WHERE entry.id = fresh.entry_id) = 0\n                    ) THEN\n                        RAISE EXCEPTION 'a charge has no lease in its branch, or no journal entry'\n                            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'charge_stands';\n                    END IF;\n                    RETURN NULL;\n                    ",
                            hash="d6693ac114620d30016467296c3e2b6c481af6af",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_stands_ff98c",
                            referencing="REFERENCING NEW TABLE AS fresh ",
                            table="payments_charge",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="journalentry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="open_period",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n                    IF EXISTS (\n                        SELECT FROM fresh JOIN payments_closedperiod AS closed\n                          ON closed.site_id = fresh.site_id\n                         AND closed.reopened_at IS NULL\n                         AND closed.month = date_trunc('month', fresh.value_date)::date\n                    ) THEN\n                        RAISE EXCEPTION 'a closed period refuses journal entries'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_open';\n                    END IF;\n                    IF EXISTS (\n                        SELECT FROM (SELECT DISTINCT site_id FROM fresh) AS told\n                         WHERE (SELECT count(*) FROM sites_app_site\n                                 WHERE code = told.site_id) = 0\n                    ) OR EXISTS (\n                        SELECT FROM fresh WHERE\n                            lease_id IS NOT NULL AND (\n                                SELECT count(*) FROM tenants_lease AS lease\n                                 WHERE lease.id = fresh.lease_id) = 0\n                            OR payment_id IS NOT NULL AND (\n                                SELECT count(*) FROM payments_payment AS payment\n                                 WHERE payment.id = fresh.payment_id) = 0\n                            OR reverses_id IS NOT NULL AND (\n                                SELECT count(*) FROM payments_journalentry AS entry\n                                 WHERE entry.id = fresh.reverses_id) = 0\n                    ) THEN\n                        RAISE EXCEPTION 'an entry names what is not there'\n                            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'entry_stands';\n                    END IF;\n                    RETURN NULL;\n                    ",
                            hash="cb759e7b974f6418ae0eb637cbc19589afe1f572",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_open_period_c6201",
                            referencing="REFERENCING NEW TABLE AS fresh ",
                            table="payments_journalentry",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="journalline",
                    trigger=pgtrigger.compiler.Trigger(
                        name="balance",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE broken text;",
                            func="\n                    SELECT CASE\n                        WHEN sheet.rest <> 0 THEN 'entry_balances'\n                        WHEN entry.id IS NULL THEN 'line_has_entry'\n                        WHEN sheet.site <> entry.site_id OR sheet.other_site <> entry.site_id\n                          OR sheet.day <> entry.value_date OR sheet.other_day <> entry.value_date\n                        THEN 'line_repeats_entry'\n                        ELSE 'entry_is_complete' END\n                      INTO broken\n                      FROM (\n                        SELECT entry_id, sum(amount) AS rest, count(*) AS arrived,\n                               min(site_id) AS site, max(site_id) AS other_site,\n                               min(value_date) AS day, max(value_date) AS other_day\n                          FROM fresh GROUP BY entry_id\n                      ) AS sheet LEFT JOIN LATERAL (\n                        SELECT id, site_id, value_date FROM payments_journalentry\n                         WHERE id = entry_id LIMIT 1\n                      ) AS entry ON true\n                     WHERE sheet.rest <> 0 OR entry.id IS NULL\n                        OR sheet.site <> entry.site_id OR sheet.other_site <> entry.site_id\n                        OR sheet.day <> entry.value_date OR sheet.other_day <> entry.value_date\n                        OR sheet.arrived <> (\n                            SELECT count(*) FROM payments_journalline AS line\n                             WHERE line.entry_id = sheet.entry_id)\n                     LIMIT 1;\n                    IF broken = 'line_has_entry' THEN\n                        RAISE EXCEPTION 'a line stands in no entry'\n                            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = broken;\n                    ELSIF broken IS NOT NULL THEN\n                        RAISE EXCEPTION 'an entry does not balance, takes no more lines, or has a '\n                            'line that tells another branch or day than it'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = broken;\n                    END IF;\n                    SELECT CASE\n                        WHEN EXISTS (\n                            SELECT FROM (SELECT DISTINCT lease_id FROM fresh) AS told\n                             WHERE lease_id IS NOT NULL AND (\n                                SELECT count(*) FROM tenants_lease WHERE id = told.lease_id) = 0\n                        ) THEN 'lease'\n                        WHEN (SELECT count(DISTINCT owner_id) FROM fresh) <> (\n                            SELECT count(*) FROM (\n                                SELECT FROM sites_app_owner\n                                 WHERE id IN (SELECT owner_id FROM fresh) FOR KEY SHARE) AS held\n                        ) THEN 'owner'\n                        WHEN (SELECT count(DISTINCT property_id) FROM fresh) <> (\n                            SELECT count(*) FROM (\n                                SELECT FROM sites_app_property\n                                 WHERE id IN (SELECT property_id FROM fresh) FOR KEY SHARE) AS held\n                        ) THEN 'property' END\n                      INTO broken;\n                    IF broken IS NOT NULL THEN\n                        RAISE EXCEPTION 'a line names a % that is not there', broken\n                            USING ERRCODE = 'foreign_key_violation',\n                                CONSTRAINT = 'line_has_' || broken;\n                    END IF;\n                    INSERT INTO payments_journalday AS total\n                        (site_id, account_id, day, debit, credit)\n                    SELECT site_id, account_id, value_date,\n                           sum(greatest(amount, 0)), -sum(least(amount, 0))\n                      FROM (SELECT site_id, account_id, value_date, amount FROM fresh) AS line\n                     GROUP BY site_id, account_id, value_date\n                     ORDER BY site_id, account_id, value_date\n                    ON CONFLICT (site_id, account_id, day) DO UPDATE SET\n                        debit = total.debit + excluded.debit,\n                        credit = total.credit + excluded.credit;\n                    RETURN NULL;\n                    ",
                            hash="de816275d4dfc98335938034d9e137a13e1b89a8",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_balance_b8992",
                            referencing="REFERENCING NEW TABLE AS fresh ",
                            table="payments_journalline",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
        *[
            migrations.RunSQL(
                KEPT.format(table=table, column=column), NO_LONGER_KEPT.format(table=table)
            )
            for table, column in NAMED
        ],
    ]
