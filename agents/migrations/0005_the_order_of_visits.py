"""The order of a mission's visits, its way and planned times."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('agents', '0004_targets_and_points'),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name='mission',
                    name='insert_insert',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='mission',
                    name='update_update',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='mission',
                    name='delete_delete',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='stop',
                    name='insert_insert',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='stop',
                    name='delete_delete',
                ),
                migrations.AddField(
                    model_name='mission',
                    name='baseline',
                    field=models.PositiveIntegerField(blank=True, null=True, verbose_name='way always to the nearest, metres'),
                ),
                migrations.AddField(
                    model_name='mission',
                    name='distance',
                    field=models.PositiveIntegerField(blank=True, null=True, verbose_name='way, metres'),
                ),
                migrations.AddField(
                    model_name='mission',
                    name='ordered',
                    field=models.CharField(choices=[('nearest', 'always to the nearest'), ('route', 'by the best way'), ('hand', 'by hand')], db_default='nearest', default='nearest', max_length=7, verbose_name='order'),
                ),
                migrations.AddField(
                    model_name='missionevent',
                    name='baseline',
                    field=models.PositiveIntegerField(blank=True, null=True, verbose_name='way always to the nearest, metres'),
                ),
                migrations.AddField(
                    model_name='missionevent',
                    name='distance',
                    field=models.PositiveIntegerField(blank=True, null=True, verbose_name='way, metres'),
                ),
                migrations.AddField(
                    model_name='missionevent',
                    name='ordered',
                    field=models.CharField(choices=[('nearest', 'always to the nearest'), ('route', 'by the best way'), ('hand', 'by hand')], db_default='nearest', default='nearest', max_length=7, verbose_name='order'),
                ),
                migrations.AddField(
                    model_name='stop',
                    name='arrives_at',
                    field=models.TimeField(null=True, verbose_name='arrival'),
                ),
                migrations.AddField(
                    model_name='stop',
                    name='distance',
                    field=models.PositiveIntegerField(null=True, verbose_name='way, metres'),
                ),
                migrations.AddField(
                    model_name='stopevent',
                    name='arrives_at',
                    field=models.TimeField(null=True, verbose_name='arrival'),
                ),
                migrations.AddField(
                    model_name='stopevent',
                    name='distance',
                    field=models.PositiveIntegerField(null=True, verbose_name='way, metres'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='mission',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "agents_missionevent" ("agent_id", "baseline", "created_at", "day", "distance", "id", "notes", "ordered", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "state", "version") VALUES (NEW."agent_id", NEW."baseline", NEW."created_at", NEW."day", NEW."distance", NEW."id", NEW."notes", NEW."ordered", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."site_id", NEW."state", NEW."version"); RETURN NULL;', hash='4ea38e1057d0ce5eae8f8cac874715a893f38c33', operation='INSERT', pgid='pgtrigger_insert_insert_641ae', table='agents_mission', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='mission',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "agents_missionevent" ("agent_id", "baseline", "created_at", "day", "distance", "id", "notes", "ordered", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "state", "version") VALUES (NEW."agent_id", NEW."baseline", NEW."created_at", NEW."day", NEW."distance", NEW."id", NEW."notes", NEW."ordered", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."site_id", NEW."state", NEW."version"); RETURN NULL;', hash='c572d24929748fdc973ddbb5b1f5b012d0d808fa', operation='UPDATE', pgid='pgtrigger_update_update_9a885', table='agents_mission', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='mission',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "agents_missionevent" ("agent_id", "baseline", "created_at", "day", "distance", "id", "notes", "ordered", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "site_id", "state", "version") VALUES (OLD."agent_id", OLD."baseline", OLD."created_at", OLD."day", OLD."distance", OLD."id", OLD."notes", OLD."ordered", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."site_id", OLD."state", OLD."version"); RETURN NULL;', hash='954119b1f842ca335a8a4f341a8d5e08ecccc97c', operation='DELETE', pgid='pgtrigger_delete_delete_7b6a2', table='agents_mission', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stop',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agents_stopevent" ("amount", "arrives_at", "day", "days_late", "distance", "id", "mission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "property_id", "site_id", "tenant_id") SELECT new_values."amount", new_values."arrives_at", new_values."day", new_values."days_late", new_values."distance", new_values."id", new_values."mission_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."position", new_values."property_id", new_values."site_id", new_values."tenant_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d3c41c58cb6ead8ae835ff1a30c1b046d506e481', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_99d33', referencing='REFERENCING NEW TABLE AS new_values ', table='agents_stop', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stop',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agents_stopevent" ("amount", "arrives_at", "day", "days_late", "distance", "id", "mission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "property_id", "site_id", "tenant_id") SELECT new_values."amount", new_values."arrives_at", new_values."day", new_values."days_late", new_values."distance", new_values."id", new_values."mission_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."position", new_values."property_id", new_values."site_id", new_values."tenant_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0d05396c7f0d0fbfe34c46148f5c318deb5944d4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_5d260', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='agents_stop', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stop',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agents_stopevent" ("amount", "arrives_at", "day", "days_late", "distance", "id", "mission_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "property_id", "site_id", "tenant_id") SELECT old_values."amount", old_values."arrives_at", old_values."day", old_values."days_late", old_values."distance", old_values."id", old_values."mission_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."position", old_values."property_id", old_values."site_id", old_values."tenant_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5a4c701bb01f4a12d3a6e6f9d38cd958acf1eb70', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f7a77', referencing='REFERENCING OLD TABLE AS old_values ', table='agents_stop', when='AFTER')),
                ),
            ]
        )
    ]
