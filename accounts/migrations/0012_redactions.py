"""What was blanked in the history on purpose."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_calls_of_the_api"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name='Redaction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                        ('table', models.CharField(max_length=80, verbose_name='table')),
                        ('day', models.DateField(verbose_name='day')),
                        ('rows', models.JSONField(verbose_name='rows')),
                        ('columns', models.JSONField(verbose_name='columns')),
                        ('before', models.CharField(blank=True, max_length=64, verbose_name='digest before')),
                        ('after', models.CharField(blank=True, max_length=64, verbose_name='digest after')),
                    ],
                    options={
                        'verbose_name': 'redaction',
                        'verbose_name_plural': 'redactions',
                        'indexes': [models.Index(fields=['at'], name='redaction_by_time')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='redaction',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='aff665dd038ccd06ab2c78431b81aa8e3d68577a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4add4', table='accounts_redaction', when='BEFORE')),
                ),
            ]
        )
    ]
