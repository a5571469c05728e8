from django.db import migrations, models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import TruncDate


def copy(apps, schema_editor):
    """Each access has its account's function; the last sign-in only where it can be of no other
    programme. One statement each, whatever the number of rows."""
    User = apps.get_model("governance", "User")
    Membership = apps.get_model("governance", "Membership")
    History = apps.get_model("governance", "HistoricalMembership")
    own = User.objects.filter(pk=OuterRef("user_id"))
    Membership.objects.update(function=Subquery(own.values("function")[:1]))
    known = User.objects.values("pk")
    History.objects.filter(user_id__in=known).update(function=Subquery(own.values("function")[:1]))
    of_one = User.objects.annotate(
        programmes=Count("memberships__party__programme", distinct=True)
    ).filter(programmes=1)
    Membership.objects.filter(user__in=of_one.values("pk")).update(
        last_used_on=Subquery(own.values(day=TruncDate("last_login"))[:1])
    )


class Migration(migrations.Migration):
    dependencies = [("governance", "0005_term_said_in_french")]

    operations = [
        migrations.AddField(
            "membership",
            "function",
            models.CharField(blank=True, default="", max_length=120, verbose_name="fonction"),
            preserve_default=False,
        ),
        migrations.AddField(
            "historicalmembership",
            "function",
            models.CharField(blank=True, default="", max_length=120, verbose_name="fonction"),
            preserve_default=False,
        ),
        migrations.AddField(
            "membership",
            "last_used_on",
            models.DateField(editable=False, null=True, verbose_name="dernière connexion"),
        ),
        # Back: the columns go, and the account still has its function.
        migrations.RunPython(copy, migrations.RunPython.noop, elidable=True),
    ]
