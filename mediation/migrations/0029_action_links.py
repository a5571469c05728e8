"""What did an action that a committee decided."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0013_minutes_written'),
        ("mediation", "0020_roadmaps"),
    ]

    operations = [
        migrations.CreateModel(
            name='ActionLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='governance.actionitem')),
                ('activity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='action_links', to='mediation.activity')),
                ('signalement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='action_links', to='mediation.signalement')),
            ],
            options={
                'verbose_name': 'lien d’une action',
                'verbose_name_plural': 'liens d’actions',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('activity__isnull', False), ('signalement__isnull', True)), models.Q(('activity__isnull', True), ('signalement__isnull', False)), _connector='OR'), name='action_link_to_one', violation_error_message='Choisissez une activité, ou un signalement.'), models.UniqueConstraint(fields=('action', 'activity'), name='action_link_activity_once', violation_error_message='Cette activité est déjà reliée à l’action.'), models.UniqueConstraint(fields=('action', 'signalement'), name='action_link_signalement_once', violation_error_message='Ce signalement est déjà relié à l’action.')],
            },
        ),
    ]
