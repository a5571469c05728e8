from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mediation', '0005_search_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='activityimport',
            name='bad_rows',
            field=models.PositiveIntegerField(default=0, verbose_name='nombre de lignes à corriger'),
        ),
        migrations.AddField(
            model_name='activityimport',
            name='sheet',
            field=models.CharField(blank=True, max_length=60, verbose_name='feuille'),
        ),
        migrations.AddField(
            model_name='activityimport',
            name='to_review',
            field=models.PositiveIntegerField(default=0, verbose_name='textes qui seront à relire'),
        ),
        migrations.AddField(
            model_name='activityimport',
            name='unknown',
            field=models.JSONField(default=dict, verbose_name='valeurs à associer'),
        ),
        migrations.AddField(
            model_name='activityimport',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
    ]
