"""The lines of the record, the seals of its days, and what was given up of it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together

# What each migrate puts on the tables of history (accounts.record) cannot stay without the record.
TAKE_OFF = """
DO $$
DECLARE
    tracing regprocedure;
BEGIN
    FOR tracing IN SELECT oid FROM pg_proc WHERE proname LIKE 'akig\\_trace\\_%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', tracing);
    END LOOP;
    DROP FUNCTION IF EXISTS akig_keep_context() CASCADE;
END $$
"""

class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_lockout"),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, TAKE_OFF),
        Together(
            [
                migrations.CreateModel(
                    name='Removal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('before', models.DateField(verbose_name='before')),
                        ('rows', models.BigIntegerField(verbose_name='rows')),
                        ('removed_at', models.DateTimeField(auto_now_add=True, verbose_name='removed at')),
                    ],
                    options={
                        'verbose_name': 'removal',
                        'verbose_name_plural': 'removals',
                    },
                ),
                migrations.CreateModel(
                    name='Seal',
                    fields=[
                        ('day', models.DateField(primary_key=True, serialize=False, verbose_name='day')),
                        ('parts', models.JSONField(verbose_name='tables')),
                        ('previous', models.CharField(blank=True, max_length=64, verbose_name='digest of the day before')),
                        ('digest', models.CharField(max_length=64, verbose_name='digest')),
                        ('sealed_at', models.DateTimeField(auto_now_add=True, verbose_name='sealed at')),
                    ],
                    options={
                        'verbose_name': 'seal',
                        'verbose_name_plural': 'seals',
                    },
                ),
                migrations.CreateModel(
                    name='Trace',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('context', models.UUIDField(verbose_name='act')),
                        ('model', models.CharField(max_length=80, verbose_name='kind')),
                        ('site', models.CharField(db_column='site_id', max_length=20, null=True, verbose_name='branch')),
                        ('person', models.BigIntegerField(null=True, verbose_name='person')),
                        ('verb', models.CharField(blank=True, max_length=80, verbose_name='act')),
                    ],
                    options={
                        'verbose_name': 'trace',
                        'verbose_name_plural': 'traces',
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='removal',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6def85ca8ae57f1ae24bfcdd7ef0e7b48c8dc5f4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_424f6', table='accounts_removal', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='seal',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b9f275869cd7151248fd5c0888b2c59075838a74', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_452ec', table='accounts_seal', when='BEFORE')),
                ),
                migrations.AddIndex(
                    model_name='trace',
                    index=models.Index(fields=['at', 'id'], name='trace_by_time'),
                ),
                migrations.AddIndex(
                    model_name='trace',
                    index=models.Index(fields=['site', 'at', 'id'], name='trace_by_site'),
                ),
                migrations.AddIndex(
                    model_name='trace',
                    index=models.Index(fields=['person', 'at', 'id'], name='trace_by_person'),
                ),
                migrations.AddIndex(
                    model_name='trace',
                    index=models.Index(fields=['model', 'at', 'id'], name='trace_by_kind'),
                ),
                migrations.AddIndex(
                    model_name='trace',
                    index=models.Index(fields=['verb', 'at', 'id'], name='trace_by_verb'),
                ),
                migrations.AddConstraint(
                    model_name='trace',
                    constraint=models.UniqueConstraint(fields=('context', 'model', 'site'), nulls_distinct=False, name='trace_once'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='trace',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d3d8190dd99d7d12f89d48a77e56a4aaa8a58bdb', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_95eab', table='accounts_trace', when='BEFORE')),
                ),
            ]
        ),
    ]
