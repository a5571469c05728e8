"""Who is asked to a meeting: those who sit there that day, and where a mail reaches them (R55, R61)."""

from collections.abc import Iterable
from datetime import date

from governance.access.models import Membership
from governance.committees.models import Seat
from governance.contacts.models import Contact
from humanicite.lib.text import fold

from .models import Invitation, Meeting

TO_DESIGNATE = "À désigner"


def seats_on(meeting: Meeting) -> list[Seat]:
    """Of its committee, on its day, but those invited as an agenda requires."""
    rows = Seat.objects.filter(committee=meeting.committee_id, on_agenda=False).on(meeting.day)
    return list(rows.select_related("party"))


def expected(meeting: Meeting) -> list[Invitation]:
    """One invitation a seat, not saved. A party whose holder is not named is asked through its
    contact; an address serves one seat."""
    seats = [seat for seat in seats_on(meeting) if seat.party_id]
    parties = {seat.party_id for seat in seats}
    contacts = Contact.objects.on(meeting.day).filter(party__in=parties).exclude(email="")
    known = list(contacts.order_by("is_backup", "pk"))
    accounts = list(
        Membership.objects.on(meeting.day)
        .filter(party__in=parties, user__is_active=True)
        .select_related("user")
        .order_by("pk")
    )
    found: list[Invitation] = []
    used: set[str] = set()
    # Those whose function is named choose first.
    for seat in sorted(seats, key=lambda seat: not seat.function):
        contact = _contact(seat, known, used)
        email = contact.email if contact else _account(seat, accounts, used)
        used.add(email.lower())
        function = seat.function or (contact.function if contact else TO_DESIGNATE)
        found.append(
            Invitation(
                meeting=meeting,
                seat=seat,
                party=seat.party,
                contact=contact,
                function=function,
                email=email,
            )
        )
    return found


def _contact(seat: Seat, contacts: Iterable[Contact], used: set[str]) -> Contact | None:
    mine = [
        row for row in contacts if row.party_id == seat.party_id and row.email.lower() not in used
    ]
    named = [row for row in mine if fold(row.function) == fold(seat.function)]
    return next(iter(named or mine), None)


def _account(seat: Seat, accounts: Iterable[Membership], used: set[str]) -> str:
    """Of a party that designated nobody: who comes in for it, by the function where one fits."""
    mine = [
        row
        for row in accounts
        if row.party_id == seat.party_id and row.user.email.lower() not in used
    ]
    wanted = set(fold(seat.function).split())
    mine.sort(key=lambda row: -len(wanted & set(fold(row.function).split())))
    return mine[0].user.email if mine else ""


def invite_seats(meeting: Meeting) -> None:
    """Brings a meeting's invitations in line with the seats of its day; call within a transaction.

    Who had a mail, or answered, stays; a function, an address that changed is taken over.
    """
    existing = {row.seat_id: row for row in meeting.invitations.filter(seat__isnull=False)}
    wanted = expected(meeting)
    for row in wanted:
        known = existing.pop(row.seat_id, None)
        if known is None:
            row.full_clean()
            row.save()
        elif known.sent_sequence is None and (known.function, known.email) != (
            row.function,
            row.email,
        ):
            known.function, known.email, known.contact = row.function, row.email, row.contact
            known.save(update_fields=["function", "email", "contact"])
    for row in existing.values():
        if row.sent_sequence is None and not row.answer:
            row.delete()


def members_among(meeting: Meeting, day: date) -> dict[str, str]:
    """Folded addresses of those who sit there already → their function."""
    rows = meeting.invitations.filter(is_guest=False).exclude(email="")
    return {row.email.lower(): row.function for row in rows}
