from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mediation", "0008_sheet_observations"),
    ]

    operations = [
        migrations.AddField(
            model_name="signalement",
            name="words",
            field=models.TextField(blank=True, editable=False),
        ),
    ]
