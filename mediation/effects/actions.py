"""Changes of the frame that the work follows."""

from django.db import transaction

from governance.framework.actions import rename_group as rename
from governance.models import Act, Membership, record_each
from mediation.routing.models import RoutingRule


@transaction.atomic
def rename_group(*, old: str, new: str, by: Membership) -> int:
    """Renames a group of themes, and in the rules that speak of it; answers how many rules.

    Two rules that become the same are one. Raises ValidationError for a group that is gone.
    """
    if old == new:
        return 0
    rename(old=old, new=new, by=by)
    rules = RoutingRule.objects.of_programme(by.programme_id)
    known = set(rules.filter(group=new).values_list("place", "party"))
    moved = list(rules.filter(group=old))
    doubles = [rule for rule in moved if (rule.place_id, rule.party_id) in known]
    record_each(Act.DELETE, doubles, by=by, programme=by.programme_id)
    rules.filter(pk__in=[rule.pk for rule in doubles]).delete()
    kept = [rule for rule in moved if rule not in doubles]
    rules.filter(group=old).update(group=new)
    record_each(Act.CHANGE, kept, by=by, programme=by.programme_id)
    return len(moved)
