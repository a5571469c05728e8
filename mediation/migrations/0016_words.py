"""One word for one thing: names in the code. No table and no column changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mediation", "0015_how_a_file_is_read")]

    operations = [
        migrations.AlterModelTable(name="sheetphoto", table="mediation_sheetphoto"),
        migrations.RenameModel(old_name="SheetPhoto", new_name="SignalementPhoto"),
        migrations.AlterField(
            model_name="recipient",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="received_signalements",
                to="governance.party",
                verbose_name="partie",
            ),
        ),
        migrations.AlterField(
            model_name="recipient",
            name="contact",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="received_signalements",
                to="governance.contact",
                verbose_name="interlocuteur",
            ),
        ),
        migrations.AlterField(
            model_name="signalementevent",
            name="activity",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="signalement_events",
                to="mediation.activity",
                verbose_name="activité",
            ),
        ),
    ]
