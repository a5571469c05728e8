"""« Rouvert » is a kind of its own; it was told from other changes of state by its title."""

from django.db import migrations, models

BATCH = 1000
TITLE = "Rouvert"  # as it was written until then


def _move(apps, before, after):
    events = apps.get_model("mediation", "SignalementEvent")._base_manager
    rows = events.filter(**before).order_by("pk")
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        events.filter(pk__in=keys).update(**after)


def tell_apart(apps, schema_editor):
    _move(apps, {"kind": "state", "title": TITLE}, {"kind": "reopened"})


def put_back(apps, schema_editor):
    _move(apps, {"kind": "reopened"}, {"kind": "state", "title": TITLE})


class Migration(migrations.Migration):
    dependencies = [("mediation", "0016_words")]

    operations = [
        migrations.AlterField(
            model_name="signalementevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("created", "Rédigé"),
                    ("sent", "Envoyé"),
                    ("handed", "Remis au serveur de courriel"),
                    ("failed", "Envoi en échec"),
                    ("replied", "Réponse"),
                    ("mail", "Réponse par courriel"),
                    ("auto", "Réponse automatique"),
                    ("bounced", "Adresse en échec"),
                    ("reminded", "Relance"),
                    ("silent", "Sans réponse"),
                    ("call", "À appeler"),
                    ("relay", "Relais direct"),
                    ("committee", "Proposé au comité"),
                    ("redirected", "Réorienté"),
                    ("succeeded", "Repris par un successeur"),
                    ("state", "Changement d’état"),
                    ("reopened", "Rouvert"),
                    ("joined", "Constat ajouté"),
                    ("comment", "Commentaire"),
                ],
                max_length=10,
                verbose_name="quoi",
            ),
        ),
        migrations.RunPython(tell_apart, put_back),
    ]
