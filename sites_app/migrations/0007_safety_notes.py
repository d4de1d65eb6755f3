"""What whoever goes to a property must know."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('sites_app', '0006_share_a_property'),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name='property',
                    name='insert_insert',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='property',
                    name='update_update',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='property',
                    name='delete_delete',
                ),
                migrations.AddField(
                    model_name='property',
                    name='safety_note',
                    field=models.CharField(blank=True, db_default='', default='', help_text='What whoever goes there must know: a dog, dark stairs, never alone.', max_length=200, verbose_name='safety note'),
                ),
                migrations.AddField(
                    model_name='propertyevent',
                    name='safety_note',
                    field=models.CharField(blank=True, db_default='', default='', help_text='What whoever goes there must know: a dog, dark stairs, never alone.', max_length=200, verbose_name='safety note'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='property',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "sites_app_propertyevent" ("archived_on", "code", "commune", "created_at", "id", "kind", "landmark", "latitude", "longitude", "name", "notes", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quartier", "safety_note", "site_id", "version") VALUES (NEW."archived_on", NEW."code", NEW."commune", NEW."created_at", NEW."id", NEW."kind", NEW."landmark", NEW."latitude", NEW."longitude", NEW."name", NEW."notes", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."quartier", NEW."safety_note", NEW."site_id", NEW."version"); RETURN NULL;', hash='3eb1b1dd0ba727706c46d29d6db21b55aeeee655', operation='INSERT', pgid='pgtrigger_insert_insert_2b37e', table='sites_app_property', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='property',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."archived_on" IS DISTINCT FROM (NEW."archived_on") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."commune" IS DISTINCT FROM (NEW."commune") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."landmark" IS DISTINCT FROM (NEW."landmark") OR OLD."latitude" IS DISTINCT FROM (NEW."latitude") OR OLD."longitude" IS DISTINCT FROM (NEW."longitude") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."quartier" IS DISTINCT FROM (NEW."quartier") OR OLD."safety_note" IS DISTINCT FROM (NEW."safety_note") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."version" IS DISTINCT FROM (NEW."version"))', func='INSERT INTO "sites_app_propertyevent" ("archived_on", "code", "commune", "created_at", "id", "kind", "landmark", "latitude", "longitude", "name", "notes", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quartier", "safety_note", "site_id", "version") VALUES (NEW."archived_on", NEW."code", NEW."commune", NEW."created_at", NEW."id", NEW."kind", NEW."landmark", NEW."latitude", NEW."longitude", NEW."name", NEW."notes", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."quartier", NEW."safety_note", NEW."site_id", NEW."version"); RETURN NULL;', hash='d371a01ccc192e1d5c53eacb47751789845d3c20', operation='UPDATE', pgid='pgtrigger_update_update_5feec', table='sites_app_property', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='property',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "sites_app_propertyevent" ("archived_on", "code", "commune", "created_at", "id", "kind", "landmark", "latitude", "longitude", "name", "notes", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quartier", "safety_note", "site_id", "version") VALUES (OLD."archived_on", OLD."code", OLD."commune", OLD."created_at", OLD."id", OLD."kind", OLD."landmark", OLD."latitude", OLD."longitude", OLD."name", OLD."notes", OLD."owner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."quartier", OLD."safety_note", OLD."site_id", OLD."version"); RETURN NULL;', hash='e9562e179da92fefce470bf2e72c501e1b303d31', operation='DELETE', pgid='pgtrigger_delete_delete_a6c1c', table='sites_app_property', when='AFTER')),
                ),
            ]
        )
    ]
