"""Why a tenant is not to be contacted."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0005_identity_and_consent"),
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
                    name='do_not_contact_reason',
                    field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='why not to be contacted'),
                ),
                migrations.AddField(
                    model_name='tenantevent',
                    name='do_not_contact_reason',
                    field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='why not to be contacted'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tenant',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tenants_tenantevent" ("agreed_on", "archived_on", "channel", "code", "created_at", "do_not_contact", "do_not_contact_reason", "email", "employer", "id", "language", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profession", "site_id", "state", "user_id", "version") VALUES (NEW."agreed_on", NEW."archived_on", NEW."channel", NEW."code", NEW."created_at", NEW."do_not_contact", NEW."do_not_contact_reason", NEW."email", NEW."employer", NEW."id", NEW."language", NEW."name", NEW."notes", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profession", NEW."site_id", NEW."state", NEW."user_id", NEW."version"); RETURN NULL;', hash='d418ff293d16e12ff5afa1659bed44cc0d0d397d', operation='INSERT', pgid='pgtrigger_insert_insert_0f00f', table='tenants_tenant', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tenant',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."agreed_on" IS DISTINCT FROM (NEW."agreed_on") OR OLD."archived_on" IS DISTINCT FROM (NEW."archived_on") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."do_not_contact" IS DISTINCT FROM (NEW."do_not_contact") OR OLD."do_not_contact_reason" IS DISTINCT FROM (NEW."do_not_contact_reason") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."employer" IS DISTINCT FROM (NEW."employer") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."profession" IS DISTINCT FROM (NEW."profession") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."version" IS DISTINCT FROM (NEW."version"))', func='INSERT INTO "tenants_tenantevent" ("agreed_on", "archived_on", "channel", "code", "created_at", "do_not_contact", "do_not_contact_reason", "email", "employer", "id", "language", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profession", "site_id", "state", "user_id", "version") VALUES (NEW."agreed_on", NEW."archived_on", NEW."channel", NEW."code", NEW."created_at", NEW."do_not_contact", NEW."do_not_contact_reason", NEW."email", NEW."employer", NEW."id", NEW."language", NEW."name", NEW."notes", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."profession", NEW."site_id", NEW."state", NEW."user_id", NEW."version"); RETURN NULL;', hash='2e886e6ac27c3a2f5383992c5c04376080bd6da2', operation='UPDATE', pgid='pgtrigger_update_update_8ddba', table='tenants_tenant', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tenant',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tenants_tenantevent" ("agreed_on", "archived_on", "channel", "code", "created_at", "do_not_contact", "do_not_contact_reason", "email", "employer", "id", "language", "name", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profession", "site_id", "state", "user_id", "version") VALUES (OLD."agreed_on", OLD."archived_on", OLD."channel", OLD."code", OLD."created_at", OLD."do_not_contact", OLD."do_not_contact_reason", OLD."email", OLD."employer", OLD."id", OLD."language", OLD."name", OLD."notes", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."profession", OLD."site_id", OLD."state", OLD."user_id", OLD."version"); RETURN NULL;', hash='9d01194b8d4cd0d4b479617f44e9f85f00f670d8', operation='DELETE', pgid='pgtrigger_delete_delete_e3c84', table='tenants_tenant', when='AFTER')),
                ),
            ]
        )
    ]
