"""What the trade records: refusals and their reason, forms of conflicts, partners, consent."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0015_invitations'),
        ('mediation', '0029_action_links'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='activity',
            name='activity_outcome_known',
        ),
        migrations.RemoveConstraint(
            model_name='timeentry',
            name='time_entry_kind_known',
        ),
        migrations.AddField(
            model_name='activity',
            name='conflict_form',
            field=models.CharField(blank=True, choices=[('direct', 'En temps réel'), ('navette', 'Différé, navette'), ('table', 'Différé, table ronde')], max_length=8, verbose_name='forme du conflit'),
        ),
        migrations.AddField(
            model_name='activity',
            name='consent',
            field=models.CharField(blank=True, choices=[('oui', 'Oui'), ('so', 'Sans objet')], max_length=4, verbose_name='accord recueilli'),
        ),
        migrations.AddField(
            model_name='activity',
            name='partner_kind',
            field=models.CharField(blank=True, choices=[('owners', 'Association de propriétaires'), ('town', 'Ville'), ('metropolis', 'Métropole'), ('university', 'Université'), ('ateliers', 'Ateliers'), ('landlord', 'Bailleur social'), ('syndic', 'Syndic ou copropriété'), ('health', 'Structure sanitaire'), ('medico_social', 'Structure médico-sociale'), ('training', 'Centre de formation'), ('police', 'Services de police'), ('other', 'Autre acteur')], max_length=16, verbose_name='type de partenaire'),
        ),
        migrations.AddField(
            model_name='activity',
            name='refusal',
            field=models.CharField(blank=True, choices=[('cadre', 'Hors du cadre de la médiation'), ('accord', 'Accord d’une personne refusé ou retiré'), ('service', 'Relève d’un autre service'), ('impartial', 'Impartialité impossible à tenir'), ('securite', 'Sécurité non assurée'), ('autre', 'Autre motif')], max_length=10, verbose_name='motif du refus ou du retrait'),
        ),
        migrations.AddField(
            model_name='historicalactivity',
            name='conflict_form',
            field=models.CharField(blank=True, choices=[('direct', 'En temps réel'), ('navette', 'Différé, navette'), ('table', 'Différé, table ronde')], max_length=8, verbose_name='forme du conflit'),
        ),
        migrations.AddField(
            model_name='historicalactivity',
            name='consent',
            field=models.CharField(blank=True, choices=[('oui', 'Oui'), ('so', 'Sans objet')], max_length=4, verbose_name='accord recueilli'),
        ),
        migrations.AddField(
            model_name='historicalactivity',
            name='partner_kind',
            field=models.CharField(blank=True, choices=[('owners', 'Association de propriétaires'), ('town', 'Ville'), ('metropolis', 'Métropole'), ('university', 'Université'), ('ateliers', 'Ateliers'), ('landlord', 'Bailleur social'), ('syndic', 'Syndic ou copropriété'), ('health', 'Structure sanitaire'), ('medico_social', 'Structure médico-sociale'), ('training', 'Centre de formation'), ('police', 'Services de police'), ('other', 'Autre acteur')], max_length=16, verbose_name='type de partenaire'),
        ),
        migrations.AddField(
            model_name='historicalactivity',
            name='refusal',
            field=models.CharField(blank=True, choices=[('cadre', 'Hors du cadre de la médiation'), ('accord', 'Accord d’une personne refusé ou retiré'), ('service', 'Relève d’un autre service'), ('impartial', 'Impartialité impossible à tenir'), ('securite', 'Sécurité non assurée'), ('autre', 'Autre motif')], max_length=10, verbose_name='motif du refus ou du retrait'),
        ),
        migrations.AddField(
            model_name='historicalsignalement',
            name='consent',
            field=models.CharField(blank=True, choices=[('oui', 'Oui'), ('so', 'Sans objet')], max_length=4, verbose_name='accord recueilli'),
        ),
        migrations.AddField(
            model_name='signalement',
            name='consent',
            field=models.CharField(blank=True, choices=[('oui', 'Oui'), ('so', 'Sans objet')], max_length=4, verbose_name='accord recueilli'),
        ),
        migrations.AlterField(
            model_name='activity',
            name='outcome',
            field=models.CharField(blank=True, choices=[('resolu', 'Résolu'), ('ameliore', 'Amélioré'), ('oriente', 'Orienté'), ('relais', 'Relais passé'), ('en_cours', 'En cours'), ('sans_suite', 'Sans suite'), ('echec', 'Échec'), ('refuse', 'Refusé ou retiré')], max_length=10, verbose_name='suite donnée'),
        ),
        migrations.AlterField(
            model_name='historicalactivity',
            name='outcome',
            field=models.CharField(blank=True, choices=[('resolu', 'Résolu'), ('ameliore', 'Amélioré'), ('oriente', 'Orienté'), ('relais', 'Relais passé'), ('en_cours', 'En cours'), ('sans_suite', 'Sans suite'), ('echec', 'Échec'), ('refuse', 'Refusé ou retiré')], max_length=10, verbose_name='suite donnée'),
        ),
        migrations.AlterField(
            model_name='historicaltimeentry',
            name='kind',
            field=models.CharField(choices=[('reunion', 'Réunion'), ('preparation', 'Préparation et saisie'), ('formation', 'Formation'), ('deplacement', 'Déplacement'), ('analyse', 'Analyse de la pratique'), ('encadrement', 'Encadrement')], max_length=12, verbose_name='nature'),
        ),
        migrations.AlterField(
            model_name='timeentry',
            name='kind',
            field=models.CharField(choices=[('reunion', 'Réunion'), ('preparation', 'Préparation et saisie'), ('formation', 'Formation'), ('deplacement', 'Déplacement'), ('analyse', 'Analyse de la pratique'), ('encadrement', 'Encadrement')], max_length=12, verbose_name='nature'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'resolu', 'ameliore', 'oriente', 'relais', 'en_cours', 'sans_suite', 'echec', 'refuse'])), name='activity_outcome_known', violation_error_message='Cette suite n’existe pas.'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'refuse'), ('refusal__in', ['cadre', 'accord', 'service', 'impartial', 'securite', 'autre'])), models.Q(models.Q(('outcome', 'refuse'), _negated=True), ('refusal', '')), _connector='OR'), name='activity_refused_for_a_reason', violation_error_message='Un refus ou un retrait a son motif, et lui seul.'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('conflict_form', ''), models.Q(('conflict_form__in', ['direct', 'navette', 'table']), ('type', 'CONF')), _connector='OR'), name='activity_form_of_a_conflict', violation_error_message='Seul un conflit a une forme.'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('partner_kind', ''), models.Q(('partner_kind__in', ['owners', 'town', 'metropolis', 'university', 'ateliers', 'landlord', 'syndic', 'health', 'medico_social', 'training', 'police', 'other']), ('type', 'RELA')), _connector='OR'), name='activity_partner_of_a_referral', violation_error_message='Seule une mise en relation a un type de partenaire.'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('consent', ''), models.Q(('consent__in', ['oui', 'so']), ('type', 'RELA')), _connector='OR'), name='activity_consent_to_a_referral', violation_error_message='L’accord se recueille pour une mise en relation.'),
        ),
        migrations.AddConstraint(
            model_name='signalement',
            constraint=models.CheckConstraint(condition=models.Q(('consent__in', ['', 'oui', 'so'])), name='signalement_consent_known', violation_error_message='Choisissez «\xa0oui\xa0» ou «\xa0sans objet\xa0».'),
        ),
        migrations.AddConstraint(
            model_name='timeentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['reunion', 'preparation', 'formation', 'deplacement', 'analyse', 'encadrement'])), name='time_entry_kind_known', violation_error_message='Cette nature de temps n’existe pas.'),
        ),
    ]
