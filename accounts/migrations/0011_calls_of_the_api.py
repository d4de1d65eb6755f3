"""The calls of the API."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_browsers"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name='ApiCall',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('caller', models.CharField(blank=True, max_length=40, verbose_name='caller')),
                        ('method', models.CharField(max_length=10, verbose_name='method')),
                        ('route', models.CharField(blank=True, max_length=120, verbose_name='route')),
                        ('status', models.PositiveSmallIntegerField(verbose_name='status')),
                        ('milliseconds', models.PositiveIntegerField(verbose_name='milliseconds')),
                        ('request_id', models.CharField(max_length=64, verbose_name='request')),
                        ('address', models.GenericIPAddressField(null=True, verbose_name='address')),
                    ],
                    options={
                        'verbose_name': 'call of the API',
                        'verbose_name_plural': 'calls of the API',
                        'indexes': [models.Index(fields=['at'], name='call_by_time'), models.Index(fields=['caller', 'at'], name='call_by_caller')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='apicall',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4d81611093bbfb5752fd2dbfddd37467d3f06cad', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2609e', table='accounts_apicall', when='BEFORE')),
                ),
            ]
        ),
    ]
