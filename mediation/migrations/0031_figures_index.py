"""One index holds all that figures read of activities, in place of the one of days and places."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mediation", "0030_trade_words")]

    operations = [
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                fields=[
                    "programme",
                    "day",
                    "place",
                    "minutes",
                    "type",
                    "objective",
                    "theme",
                    "second_theme",
                    "starts_at",
                    "id",
                ],
                name="activity_figures",
            ),
        ),
        migrations.RemoveIndex(model_name="activity", name="activity_by_day"),
    ]
