"""Fills what a search reads, for the rows that were there before; in batches."""

from django.db import migrations

from humanicite.lib.text import fold

BATCH = 1000


def fill(apps, schema_editor):
    Activity = apps.get_model("mediation", "Activity")
    last = 0
    while True:
        rows = list(
            Activity.objects.filter(pk__gt=last).order_by("pk")
            .only("pk", "summary", "internal_note")[:BATCH]
        )  # fmt: skip
        if not rows:
            return
        for row in rows:
            row.shared_words = fold(row.summary)
            row.own_words = fold(f"{row.summary} {row.internal_note}")
        Activity.objects.bulk_update(rows, ["shared_words", "own_words"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("mediation", "0002_logging_in_the_field")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
