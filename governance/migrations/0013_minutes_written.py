"""Who writes minutes just now, and reminders of actions by their date."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("governance", "0012_meeting_mails"),
    ]

    operations = [
        migrations.CreateModel(
            name='Writer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField(verbose_name='vu à')),
            ],
            options={
                'verbose_name': 'rédacteur présent',
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='actionreminder',
            name='action_reminded_once',
        ),
        migrations.AddField(
            model_name='actionreminder',
            name='due_on',
            field=models.DateField(default=datetime.date(2026, 1, 1), verbose_name='échéance dont il s’agit'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='minutes',
            name='shared_checksum',
            field=models.CharField(blank=True, max_length=64, verbose_name='empreinte sans le confidentiel'),
        ),
        migrations.AlterField(
            model_name='actionreminder',
            name='email',
            field=models.EmailField(blank=True, max_length=254, verbose_name='adresse'),
        ),
        migrations.AddConstraint(
            model_name='actionreminder',
            constraint=models.UniqueConstraint(fields=('action', 'step', 'due_on'), name='action_reminded_once'),
        ),
        migrations.AddField(
            model_name='writer',
            name='item',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='governance.agendaitem'),
        ),
        migrations.AddField(
            model_name='writer',
            name='meeting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='writers', to='governance.meeting'),
        ),
        migrations.AddField(
            model_name='writer',
            name='membership',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='governance.membership'),
        ),
        migrations.AddConstraint(
            model_name='writer',
            constraint=models.UniqueConstraint(fields=('meeting', 'membership'), name='writer_once'),
        ),
    ]
