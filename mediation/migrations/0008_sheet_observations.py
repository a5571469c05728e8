# The states of the constraint stand in a fixed order from here on.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0004_contact_successor"),
        ("mediation", "0007_signalements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="signalement",
            name="signalement_closed_on_a_day",
        ),
        migrations.AddField(
            model_name="signalementevent",
            name="activity",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="sheet_events",
                to="mediation.activity",
                verbose_name="activité",
            ),
        ),
        migrations.AddConstraint(
            model_name="signalement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_on__isnull", True),
                        ("state__in", ["brouillon", "accuse", "declare", "envoye", "pris"]),
                    ),
                    models.Q(
                        ("closed_on__isnull", False),
                        models.Q(
                            ("state__in", ["brouillon", "accuse", "declare", "envoye", "pris"]),
                            _negated=True,
                        ),
                    ),
                    _connector="OR",
                ),
                name="signalement_closed_on_a_day",
                violation_error_message="Un signalement clos l’est à une date.",
            ),
        ),
    ]
