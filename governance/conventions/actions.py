"""Writes on what the convention page shows: keyword-only, `by=`, atomic, journalled."""

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record
from governance.parties.models import Party


@transaction.atomic
def save_party(*, party: Party, seen: str, fields: list[str], by: Membership) -> None:
    """Saves what the coordination changed about a party, with its history.

    `seen` is the fingerprint of the party as it was shown. Raises ValidationError when somebody
    saved another one meanwhile, or the name is taken.
    """
    saved = Party.objects.select_for_update().get(pk=party.pk)
    if saved.fingerprint != seen:
        raise ValidationError(
            f"Cette partie a été modifiée entre-temps : « {saved.name} » "
            f"({saved.short_name}), {saved.address or 'sans adresse'}. Votre saisie est conservée"
            f" : enregistrez de nouveau pour la remplacer."
        )
    party.full_clean()
    party.save()
    record(Act.CHANGE, party, by=by, programme=party.programme_id, fields=fields)
