"""Properties shared by exception, with their history."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('sites_app', '0005_approvals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name='PropertyShare',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ends_on', models.DateField(verbose_name='until')),
                        ('reason', models.CharField(max_length=200, verbose_name='reason')),
                        ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='sites_app.property', verbose_name='property')),
                        ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites_app.site', verbose_name='branch')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='property_shares', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                    ],
                    options={
                        'verbose_name': 'shared property',
                        'verbose_name_plural': 'shared properties',
                        'abstract': False,
                        'unique_together': {('user', 'permission', 'content_object')},
                    },
                ),
                migrations.CreateModel(
                    name='PropertyShareEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('ends_on', models.DateField(verbose_name='until')),
                        ('reason', models.CharField(max_length=200, verbose_name='reason')),
                        ('content_object', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sites_app.property', verbose_name='property')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='sites_app.propertyshare')),
                        ('site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sites_app.site', verbose_name='branch')),
                        ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='propertyshare',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "sites_app_propertyshareevent" ("content_object_id", "ends_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "site_id", "user_id") VALUES (NEW."content_object_id", NEW."ends_on", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."site_id", NEW."user_id"); RETURN NULL;', hash='890382c9e4bc71db854bb1e2d39c0a10cf590d07', operation='INSERT', pgid='pgtrigger_insert_insert_20fa7', table='sites_app_propertyshare', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='propertyshare',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."content_object_id" IS DISTINCT FROM (NEW."content_object_id") OR OLD."ends_on" IS DISTINCT FROM (NEW."ends_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))', func='INSERT INTO "sites_app_propertyshareevent" ("content_object_id", "ends_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "site_id", "user_id") VALUES (NEW."content_object_id", NEW."ends_on", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."site_id", NEW."user_id"); RETURN NULL;', hash='77e7744f898f5603198497949b1ae53d76548910', operation='UPDATE', pgid='pgtrigger_update_update_519cb', table='sites_app_propertyshare', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='propertyshare',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "sites_app_propertyshareevent" ("content_object_id", "ends_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "site_id", "user_id") VALUES (OLD."content_object_id", OLD."ends_on", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."site_id", OLD."user_id"); RETURN NULL;', hash='b85aec0771bb0f873c16da4eba94a63d86e198dd', operation='DELETE', pgid='pgtrigger_delete_delete_054c2', table='sites_app_propertyshare', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='propertyshareevent',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d8014c414ac62e4b3ced9ca810d79f9671183fa5', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_66f6c', table='sites_app_propertyshareevent', when='BEFORE')),
                ),
            ]
        ),
    ]
