"""The key by which a program asked for a job."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_redactions'),
        ('notifications', '0002_name_jobs'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='key',
            field=models.ForeignKey(blank=True, help_text='By which a program asked: the job may do no more than it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.apikey', verbose_name='key'),
        ),
    ]
