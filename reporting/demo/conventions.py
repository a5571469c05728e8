"""The renewals of the 2019 convention up to this year, and a draft for the next: all invented.

The latest payment that fell due has not come, so that one is late on any day.
"""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from governance.conventions.actions import (
    Amendment,
    Sending,
    accept_charter,
    change_text,
    renew,
    renewal_of,
)
from governance.conventions.schema import (
    ContributionTable,
    ConventionFile,
    InstalmentTable,
    MeansTable,
    StateTable,
)
from governance.models import Contribution, Convention, Membership, Programme, ProvisionState
from governance.rights import Role
from mediation.frame.conventions import load

# Month and day on which each payer pays its share; the shares are equal.
DUE = {"asl": ((3, 31), (9, 30)), "capinghem": ((6, 30),), "lille-lomme": ((6, 15),)}
PAID_AFTER = 9  # days
SUPERVISION = "une demi-journée par semaine, et un point trimestriel à trois"


def renew_until(content: ConventionFile, today: date, *, programme_slug: str) -> None:
    """Loads a signed renewal for each year after the file's, this year's included."""
    years = range(content.convention.ends.year + 1, today.year + 1)
    unpaid = max(
        (day for year in years for _, days in _days(year) for day in days if day < today),
        default=None,
    )
    for year in years:
        table = content.convention.model_copy(
            update={
                "slug": str(year),
                "name": f"Convention de coopération {year} (reconduction inventée)",
                "starts": date(year, 1, 1),
                "ends": date(year, 12, 31),
                "signed_on": date(year, 1, 15),
                "signing_place": "Capinghem",
            }
        )
        changes = {
            "convention": table,
            "contributions": [
                _with_instalments(line, year, today, unpaid) for line in content.contributions
            ],
            "signatories": [
                row.model_copy(update={"deliberation": ""}) for row in content.signatories
            ],
            "means": [_with_states(means, year) for means in content.means],
        }
        loaded = load(content.model_copy(update=changes), programme_slug=programme_slug)
        loaded.convention.is_invented = True
        loaded.convention.save()


def _days(year: int) -> Iterator[tuple[str, list[date]]]:
    for payer, days in DUE.items():
        yield payer, [date(year, month, day) for month, day in days]


def _with_instalments(
    line: ContributionTable, year: int, today: date, unpaid: date | None
) -> ContributionTable:
    days = dict(_days(year))[line.payer]
    rows = []
    for day in days:
        paid = day + timedelta(days=PAID_AFTER)
        is_paid = paid <= today and day != unpaid
        rows.append(
            InstalmentTable(
                amount=line.amount / len(days), due_on=day, paid_on=paid if is_paid else None
            )
        )
    return line.model_copy(update={"instalments": rows})


def _with_states(means: MeansTable, year: int) -> MeansTable:
    since = date(year, 1, 15)
    states = [
        StateTable(text=text, state=ProvisionState.PROVIDED, since=since) for text in means.texts
    ]
    if means.party == "ath":
        states[-1] = StateTable(
            text=means.texts[-1],
            state=ProvisionState.PARTIAL,
            since=since,
            remark="L’imprimante est accessible ; le scanner est attendu.",
        )
    return means.model_copy(update={"states": states})


def make_convention_life(programme: Programme, today: date) -> None:
    """Who accepted the charter, an amendment, and next year's draft."""
    staff = Membership.objects.filter(
        party__programme=programme, role__in=(Role.MEDIATEUR, Role.COORDINATION)
    ).select_related("user", "party")
    by = staff.get(role=Role.COORDINATION)
    current = Convention.objects.of_programme(programme.pk).in_force(today)
    if current is None:
        return
    accepted_on = min(current.starts + timedelta(days=20), today)
    for member in staff:
        accept_charter(convention=current, by=member, today=accepted_on)
    amended_on = current.starts + timedelta(days=75)
    if amended_on <= today:
        _amend(current, amended_on, by)
    _draft_next(current, by)


def _amend(convention: Convention, day: date, by: Membership) -> None:
    def change(saved: Convention) -> list[str]:
        saved.supervision = SUPERVISION
        return ["supervision"]

    change_text(
        convention=convention,
        sending=Sending(uuid.UUID(int=convention.pk, version=4), convention.version),
        change=change,
        amendment=Amendment(
            "L’encadrement comprend un point trimestriel entre l’opérateur, l’ASL et les villes.",
            day,
        ),
        by=by,
    )


def _draft_next(convention: Convention, by: Membership) -> None:
    """Dearer by a thousand euros, which the owners would pay: something to compare."""
    convention.refresh_from_db()
    new = renewal_of(convention)
    draft = renew(convention=convention, name=new.name, starts=new.starts, ends=new.last_day, by=by)
    draft.cost += 1000
    draft.full_clean()
    draft.save()
    line = Contribution.objects.get(convention=draft, payer__slug="asl")
    rows = list(line.instalments.all())
    for row in rows:
        row.amount += Decimal(1000) / len(rows)
        row.save()
    line.amount += 1000
    line.full_clean()
    line.save()
