"""Notices of leases, with their papers and their history."""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('recovery', '0003_emails_being_sent'),
        ('sites_app', '0007_safety_notes'),
        ('tenants', '0007_visiting_hours'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name='Notice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('owner', 'notice for the owner'), ('tenant', 'notice of the tenant')], max_length=6, verbose_name='kind')),
                        ('state', models.CharField(choices=[('draft', 'to be validated'), ('issued', 'issued'), ('withdrawn', 'withdrawn')], default='draft', max_length=9, verbose_name='state')),
                        ('given_on', models.DateField(verbose_name='given on')),
                        ('leaves_on', models.DateField(verbose_name='last day of the lease')),
                        ('agreed', models.BooleanField(default=False, verbose_name='both sides agree to a shorter notice')),
                        ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                        ('written_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written at')),
                        ('year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year')),
                        ('sequence', models.PositiveIntegerField(blank=True, null=True, verbose_name='rank')),
                        ('number', models.CharField(blank=True, max_length=40, verbose_name='number')),
                        ('issued_at', models.DateTimeField(blank=True, null=True, verbose_name='issued at')),
                        ('amount', models.BigIntegerField(default=0, verbose_name='late then')),
                        ('content', models.JSONField(blank=True, default=dict, verbose_name='content')),
                        ('paper', models.FileField(blank=True, max_length=250, upload_to='notices/%Y/%m', verbose_name='paper')),
                        ('digest', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the paper')),
                        ('former_end', models.DateField(blank=True, null=True, verbose_name='last day of the lease before')),
                        ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn at')),
                        ('withdrawn_because', models.CharField(blank=True, max_length=200, verbose_name='why it was withdrawn')),
                        ('issued_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='issued by')),
                        ('lease', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='tenants.lease', verbose_name='lease')),
                        ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites_app.site', verbose_name='branch')),
                        ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='tenants.tenant', verbose_name='tenant')),
                        ('withdrawn_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
                        ('written_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                    ],
                    options={
                        'verbose_name': 'notice',
                        'verbose_name_plural': 'notices',
                        'ordering': ['-written_at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='NoticeEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('kind', models.CharField(choices=[('owner', 'notice for the owner'), ('tenant', 'notice of the tenant')], max_length=6, verbose_name='kind')),
                        ('state', models.CharField(choices=[('draft', 'to be validated'), ('issued', 'issued'), ('withdrawn', 'withdrawn')], default='draft', max_length=9, verbose_name='state')),
                        ('given_on', models.DateField(verbose_name='given on')),
                        ('leaves_on', models.DateField(verbose_name='last day of the lease')),
                        ('agreed', models.BooleanField(default=False, verbose_name='both sides agree to a shorter notice')),
                        ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                        ('written_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written at')),
                        ('year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year')),
                        ('sequence', models.PositiveIntegerField(blank=True, null=True, verbose_name='rank')),
                        ('number', models.CharField(blank=True, max_length=40, verbose_name='number')),
                        ('issued_at', models.DateTimeField(blank=True, null=True, verbose_name='issued at')),
                        ('amount', models.BigIntegerField(default=0, verbose_name='late then')),
                        ('digest', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the paper')),
                        ('former_end', models.DateField(blank=True, null=True, verbose_name='last day of the lease before')),
                        ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn at')),
                        ('withdrawn_because', models.CharField(blank=True, max_length=200, verbose_name='why it was withdrawn')),
                        ('issued_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='issued by')),
                        ('lease', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.lease', verbose_name='lease')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='recovery.notice')),
                        ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sites_app.site', verbose_name='branch')),
                        ('tenant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.tenant', verbose_name='tenant')),
                        ('withdrawn_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
                        ('written_by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.AddIndex(
                    model_name='notice',
                    index=models.Index(fields=['site', 'state', '-written_at'], name='notice_by_state'),
                ),
                migrations.AddConstraint(
                    model_name='notice',
                    constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'issued'))), fields=('lease',), name='one_notice_per_lease'),
                ),
                migrations.AddConstraint(
                    model_name='notice',
                    constraint=models.UniqueConstraint(fields=('site', 'year', 'sequence'), name='notice_numbers_are_unique'),
                ),
                migrations.AddConstraint(
                    model_name='notice',
                    constraint=models.CheckConstraint(condition=models.Q(('leaves_on__gte', models.F('given_on'))), name='a_notice_looks_ahead'),
                ),
                migrations.AddConstraint(
                    model_name='notice',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'issued'), _negated=True), models.Q(('issued_at__isnull', False), ('issued_by__isnull', False), ('sequence__isnull', False), models.Q(('number', ''), _negated=True)), _connector='OR'), name='an_issued_notice_has_its_number'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='5fb7df50205fff9efe166cfc13b51276828bc844', operation='DELETE', pgid='pgtrigger_never_deleted_006eb', table='recovery_notice', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='frozen_when_issued', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.issued_at IS NOT NULL\n                    AND (OLD.tenant_id, OLD.lease_id, OLD.kind, OLD.given_on, OLD.leaves_on, OLD.agreed, OLD.number, OLD.issued_at, OLD.issued_by_id, OLD.amount, OLD.content, OLD.former_end) IS DISTINCT FROM (NEW.tenant_id, NEW.lease_id, NEW.kind, NEW.given_on, NEW.leaves_on, NEW.agreed, NEW.number, NEW.issued_at, NEW.issued_by_id, NEW.amount, NEW.content, NEW.former_end))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='698cbc0927dbc51368b116b251fd0378587f42e9', operation='UPDATE', pgid='pgtrigger_frozen_when_issued_8a467', table='recovery_notice', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='paper_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.digest <> ''\n                    AND (OLD.paper, OLD.digest) IS DISTINCT FROM (NEW.paper, NEW.digest))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='681df2316f4926a659edb4935011485d827a6c98', operation='UPDATE', pgid='pgtrigger_paper_stays_dc002', table='recovery_notice', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "recovery_noticeevent" ("agreed", "amount", "digest", "former_end", "given_on", "id", "issued_at", "issued_by_id", "kind", "lease_id", "leaves_on", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sequence", "site_id", "state", "tenant_id", "withdrawn_at", "withdrawn_because", "withdrawn_by_id", "written_at", "written_by_id", "year") VALUES (NEW."agreed", NEW."amount", NEW."digest", NEW."former_end", NEW."given_on", NEW."id", NEW."issued_at", NEW."issued_by_id", NEW."kind", NEW."lease_id", NEW."leaves_on", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."sequence", NEW."site_id", NEW."state", NEW."tenant_id", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id", NEW."written_at", NEW."written_by_id", NEW."year"); RETURN NULL;', hash='bdc3f4788f5fa040541a6abbe60ad442118cb29a', operation='INSERT', pgid='pgtrigger_insert_insert_c7947', table='recovery_notice', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."agreed" IS DISTINCT FROM (NEW."agreed") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."former_end" IS DISTINCT FROM (NEW."former_end") OR OLD."given_on" IS DISTINCT FROM (NEW."given_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."issued_at" IS DISTINCT FROM (NEW."issued_at") OR OLD."issued_by_id" IS DISTINCT FROM (NEW."issued_by_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."lease_id" IS DISTINCT FROM (NEW."lease_id") OR OLD."leaves_on" IS DISTINCT FROM (NEW."leaves_on") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."sequence" IS DISTINCT FROM (NEW."sequence") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."withdrawn_at" IS DISTINCT FROM (NEW."withdrawn_at") OR OLD."withdrawn_because" IS DISTINCT FROM (NEW."withdrawn_because") OR OLD."withdrawn_by_id" IS DISTINCT FROM (NEW."withdrawn_by_id") OR OLD."written_at" IS DISTINCT FROM (NEW."written_at") OR OLD."written_by_id" IS DISTINCT FROM (NEW."written_by_id") OR OLD."year" IS DISTINCT FROM (NEW."year"))', func='INSERT INTO "recovery_noticeevent" ("agreed", "amount", "digest", "former_end", "given_on", "id", "issued_at", "issued_by_id", "kind", "lease_id", "leaves_on", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sequence", "site_id", "state", "tenant_id", "withdrawn_at", "withdrawn_because", "withdrawn_by_id", "written_at", "written_by_id", "year") VALUES (NEW."agreed", NEW."amount", NEW."digest", NEW."former_end", NEW."given_on", NEW."id", NEW."issued_at", NEW."issued_by_id", NEW."kind", NEW."lease_id", NEW."leaves_on", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."sequence", NEW."site_id", NEW."state", NEW."tenant_id", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id", NEW."written_at", NEW."written_by_id", NEW."year"); RETURN NULL;', hash='4d36d1421e7317d850d30f056c287044021bb2ee', operation='UPDATE', pgid='pgtrigger_update_update_f27af', table='recovery_notice', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "recovery_noticeevent" ("agreed", "amount", "digest", "former_end", "given_on", "id", "issued_at", "issued_by_id", "kind", "lease_id", "leaves_on", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sequence", "site_id", "state", "tenant_id", "withdrawn_at", "withdrawn_because", "withdrawn_by_id", "written_at", "written_by_id", "year") VALUES (OLD."agreed", OLD."amount", OLD."digest", OLD."former_end", OLD."given_on", OLD."id", OLD."issued_at", OLD."issued_by_id", OLD."kind", OLD."lease_id", OLD."leaves_on", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."sequence", OLD."site_id", OLD."state", OLD."tenant_id", OLD."withdrawn_at", OLD."withdrawn_because", OLD."withdrawn_by_id", OLD."written_at", OLD."written_by_id", OLD."year"); RETURN NULL;', hash='41fbfcca4b809bbb4963edda687b704dbe499e8e', operation='DELETE', pgid='pgtrigger_delete_delete_d35f9', table='recovery_notice', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='noticeevent',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d4d982b75a5e3c0fb8226fc9fcb1e3dfc93f51b6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7770e', table='recovery_noticeevent', when='BEFORE')),
                ),
            ]
        ),
    ]
