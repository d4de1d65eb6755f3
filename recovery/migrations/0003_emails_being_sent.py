"""An e-mail is claimed before it is handed to the mail server."""

from django.conf import settings
from django.db import migrations, models

from akig.lib.migrations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('recovery', '0002_steps_plans_disputes'),
        ('sites_app', '0006_share_a_property'),
        ('tenants', '0006_why_not_to_contact'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.RemoveConstraint(
                    model_name='action',
                    name='one_step_to_take_at_a_time',
                ),
                migrations.RemoveConstraint(
                    model_name='action',
                    name='what_was_sent_says_what_and_when',
                ),
                migrations.AddField(
                    model_name='action',
                    name='failure',
                    field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='why it did not go'),
                ),
                migrations.AlterField(
                    model_name='action',
                    name='state',
                    field=models.CharField(choices=[('to_send', 'to send'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'not delivered'), ('left_out', 'left out'), ('dropped', 'not needed any more')], max_length=8, verbose_name='state'),
                ),
                migrations.AlterField(
                    model_name='actionevent',
                    name='state',
                    field=models.CharField(choices=[('to_send', 'to send'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'not delivered'), ('left_out', 'left out'), ('dropped', 'not needed any more')], max_length=8, verbose_name='state'),
                ),
                migrations.AddConstraint(
                    model_name='action',
                    constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('to_send', 'sending'))), fields=('site', 'tenant'), name='one_step_to_take_at_a_time'),
                ),
                migrations.AddConstraint(
                    model_name='action',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('sending', 'sent')), _negated=True), models.Q(('amount__gt', 0), ('sent_at__isnull', False), ('sent_by__isnull', False)), _connector='OR'), name='what_was_sent_says_what_and_when'),
                ),
            ]
        ),
    ]
