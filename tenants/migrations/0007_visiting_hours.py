"""When a tenant can be visited."""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0006_why_not_to_contact'),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name='tenant',
                    name='insert_insert',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='tenant',
                    name='update_update',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='tenant',
                    name='delete_delete',
                ),
                migrations.AddField(
                    model_name='tenant',
                    name='visit_days',
                    field=django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(choices=[(1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday'), (7, 'Sunday')]), blank=True, db_default=[], default=list, size=7, verbose_name='can be visited on'),
                ),
                migrations.AddField(
                    model_name='tenant',
                    name='visit_from',
                    field=models.TimeField(blank=True, null=True, verbose_name='can be visited from'),
                ),
                migrations.AddField(
                    model_name='tenant',
                    name='visit_until',
                    field=models.TimeField(blank=True, null=True, verbose_name='can be visited until'),
                ),
                migrations.AddField(
                    model_name='tenantevent',
                    name='visit_days',
                    field=django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(choices=[(1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday'), (7, 'Sunday')]), blank=True, db_default=[], default=list, size=7, verbose_name='can be visited on'),
                ),
                migrations.AddField(
                    model_name='tenantevent',
                    name='visit_from',
                    field=models.TimeField(blank=True, null=True, verbose_name='can be visited from'),
                ),
                migrations.AddField(
                    model_name='tenantevent',
                    name='visit_until',
                    field=models.TimeField(blank=True, null=True, verbose_name='can be visited until'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tenant',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tenants_tenantevent" ("agreed_on", "archived_on", "channel", "code", "created_at", "do_not_contact", "do_not_contact_reason", "email", "employer", "id", "language", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profession", "site_id", "state", "user_id", "version", "visit_days", "visit_from", "visit_until") VALUES (NEW."agreed_on", NEW."archived_on", NEW."channel", NEW."code", NEW."created_at", NEW."do_not_contact", NEW."do_not_contact_reason", NEW."email", NEW."employer", NEW."id", NEW."language", NEW."name", NEW."notes", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profession", NEW."site_id", NEW."state", NEW."user_id", NEW."version", NEW."visit_days", NEW."visit_from", NEW."visit_until"); RETURN NULL;', hash='5afa73d1ca8312479a5f9769679e1d9cf4e6e989', operation='INSERT', pgid='pgtrigger_insert_insert_0f00f', table='tenants_tenant', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tenant',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."agreed_on" IS DISTINCT FROM (NEW."agreed_on") OR OLD."archived_on" IS DISTINCT FROM (NEW."archived_on") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."do_not_contact" IS DISTINCT FROM (NEW."do_not_contact") OR OLD."do_not_contact_reason" IS DISTINCT FROM (NEW."do_not_contact_reason") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."employer" IS DISTINCT FROM (NEW."employer") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."profession" IS DISTINCT FROM (NEW."profession") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."visit_days" IS DISTINCT FROM (NEW."visit_days") OR OLD."visit_from" IS DISTINCT FROM (NEW."visit_from") OR OLD."visit_until" IS DISTINCT FROM (NEW."visit_until"))', func='INSERT INTO "tenants_tenantevent" ("agreed_on", "archived_on", "channel", "code", "created_at", "do_not_contact", "do_not_contact_reason", "email", "employer", "id", "language", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profession", "site_id", "state", "user_id", "version", "visit_days", "visit_from", "visit_until") VALUES (NEW."agreed_on", NEW."archived_on", NEW."channel", NEW."code", NEW."created_at", NEW."do_not_contact", NEW."do_not_contact_reason", NEW."email", NEW."employer", NEW."id", NEW."language", NEW."name", NEW."notes", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."profession", NEW."site_id", NEW."state", NEW."user_id", NEW."version", NEW."visit_days", NEW."visit_from", NEW."visit_until"); RETURN NULL;', hash='d899281f7a38470db124acc8aebd5962fd7eef4d', operation='UPDATE', pgid='pgtrigger_update_update_8ddba', table='tenants_tenant', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tenant',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tenants_tenantevent" ("agreed_on", "archived_on", "channel", "code", "created_at", "do_not_contact", "do_not_contact_reason", "email", "employer", "id", "language", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profession", "site_id", "state", "user_id", "version", "visit_days", "visit_from", "visit_until") VALUES (OLD."agreed_on", OLD."archived_on", OLD."channel", OLD."code", OLD."created_at", OLD."do_not_contact", OLD."do_not_contact_reason", OLD."email", OLD."employer", OLD."id", OLD."language", OLD."name", OLD."notes", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profession", OLD."site_id", OLD."state", OLD."user_id", OLD."version", OLD."visit_days", OLD."visit_from", OLD."visit_until"); RETURN NULL;', hash='e93f01614c4ba0750494da5314586208f2574844', operation='DELETE', pgid='pgtrigger_delete_delete_e3c84', table='tenants_tenant', when='AFTER')),
                ),
                migrations.AddConstraint(
                    model_name='tenant',
                    constraint=models.CheckConstraint(condition=models.Q(('visit_from', None), ('visit_until', None), ('visit_until__gt', models.F('visit_from')), _connector='OR'), name='visiting_hours_end_after_they_begin', violation_error_message='The hours must end after they begin.'),
                ),
            ]
        )
    ]
