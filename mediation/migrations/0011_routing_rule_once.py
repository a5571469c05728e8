from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0004_contact_successor"),
        ("mediation", "0010_grouped_mails"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="routingrule",
            name="routing_rule_once",
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("theme__isnull", False)),
                fields=("place", "theme", "party"),
                name="routing_rule_of_a_theme_once",
                violation_error_message="Cette règle existe déjà.",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("theme__isnull", True)),
                fields=("place", "group", "party"),
                name="routing_rule_of_a_group_once",
                violation_error_message="Cette règle existe déjà.",
            ),
        ),
    ]
