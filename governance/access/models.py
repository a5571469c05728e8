"""Who signs in, and as whom (R74)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from governance.base import Dated
from governance.parties.models import Party, Programme
from governance.privacy import Privacy, Retention
from governance.rights import GROUNDS, OPERATOR_ROLES, RIGHTS, Ground, Right, Role
from governance.scoping import Closed, Scope, ScopedModel
from governance.territory.models import Perimeter
from humanicite.lib.text import fold


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, ScopedModel):
    """Somebody who can sign in; the e-mail address is the name. Rights come from memberships.

    Pages and files show one that `Membership.people` called what it is in their own programme.
    """

    called = ""  # its function in the programme that shows it

    email = models.EmailField("adresse électronique", unique=True)
    function = models.CharField("fonction", max_length=120)
    is_active = models.BooleanField("actif", default=True)
    joined_at = models.DateTimeField("créé le", auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["function"]

    objects: ClassVar = UserManager()  # type: ignore[assignment]  # closed: no scope to read by
    scope = Closed("read through Membership: a user belongs to no single programme")
    privacy = Privacy(
        Retention.ACCESS,
        shareable=("function",),
        personal=("email", "password", "last_login", "is_active", "joined_at"),
    )

    class Meta:
        verbose_name = "compte"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message="Un compte existe déjà pour cette adresse.",
            )
        ]

    def __str__(self) -> str:
        """Without a programme there is no function to show: it may be another programme's."""
        return self.called or f"compte {self.pk}"


class Membership(Dated):
    """A reader: a user, for a party, in a role, for a time. Chosen once per request."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    party = models.ForeignKey(
        Party, models.CASCADE, related_name="memberships", verbose_name="partie"
    )
    role = models.CharField("rôle", max_length=12, choices=Role)
    # What a programme shows of a person is that programme's: an account may serve in another.
    function = models.CharField("fonction", max_length=120, blank=True)
    last_used_on = models.DateField("dernière connexion", null=True, editable=False)
    # When the last mail with a link left; null of one that was opened without a mail.
    invited_at = models.DateTimeField("invité le", null=True, editable=False)
    history = HistoricalRecords(bases=[ScopedModel], excluded_fields=["last_used_on", "invited_at"])

    scope = Scope(programme="party__programme")
    privacy = Privacy(
        Retention.ACCESS,
        shareable=("function",),
        personal=("user", "party", "role", "starts", "ends", "last_used_on", "invited_at"),
    )

    class Meta(Dated.Meta):
        verbose_name = "accès"
        verbose_name_plural = "accès"
        ordering = ["party__name", "role", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="membership_role_known",
                violation_error_message="Ce rôle n’existe pas.",
            ),
            models.UniqueConstraint(
                fields=["user", "party"],
                condition=Q(ends__isnull=True),
                name="membership_open_once",
                violation_error_message="Cette personne a déjà un accès ouvert pour cette partie.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.function or self.user.email}, {self.get_role_display()} ({self.party})"

    def note_use(self, on: date) -> None:
        """That somebody came in by it; no version of the access, so no history."""
        Membership.objects.filter(pk=self.pk).update(last_used_on=on)

    def note_invitation(self, now: datetime) -> None:
        """That a mail with a link leaves; no version of the access either."""
        Membership.objects.filter(pk=self.pk).update(invited_at=now)
        self.invited_at = now

    @property
    def is_pending(self) -> bool:
        """Invited, and nobody came in by it yet; said of the access, not of the account."""
        return self.invited_at is not None and self.last_used_on is None

    def invitation_is_over(self, now: datetime) -> bool:
        """Whether the link of the last invitation is past its time (`PASSWORD_RESET_TIMEOUT`)."""
        life = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        return self.is_pending and now > (self.invited_at or now) + life

    @property
    def fingerprint(self) -> str:
        """Tells whether what somebody was shown is still what is saved."""
        ends = self.ends.isoformat() if self.ends else ""
        shown = json.dumps([self.role, self.function, ends])
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    @property
    def called(self) -> str:
        return self.function or self.get_role_display()

    @cached_property
    def people(self) -> "People":
        """Whoever its programme shows: authors, who said what, who acted."""
        return People(Membership.objects.visible_to(self))

    @property
    def programme_id(self) -> int:
        return self.party.programme_id

    @property
    def programme(self) -> Programme:
        return self.party.programme

    @cached_property
    def perimeter(self) -> Perimeter | None:
        try:
            return self.party.perimeter
        except ObjectDoesNotExist:
            return None

    @cached_property
    def seats(self) -> list[tuple[int, date, date | None]]:
        """Of its party, but those invited as an agenda requires (R55, R61): committee, days."""
        rows = self.party.seats.filter(on_agenda=False)
        return list(rows.values_list("committee", "starts", "ends"))

    @property
    def grounds(self) -> frozenset[Ground]:
        return GROUNDS[self.role]

    @property
    def is_operator(self) -> bool:
        return self.role in OPERATOR_ROLES

    def may(self, right: Right | str | None) -> bool:
        return right in RIGHTS[self.role]

    def clean(self) -> None:
        if self.role in OPERATOR_ROLES and not self.party.is_operator:
            raise ValidationError(
                {
                    "role": "Ce rôle est réservé à l’opérateur : une autre partie est partenaire "
                    "ou invitée."
                }
            )
        if self.role not in OPERATOR_ROLES and self.party.is_operator:
            raise ValidationError(
                {"role": "L’opérateur a des médiateurs et une coordination, pas de partenaire."}
            )
        overlapping = Membership.objects.filter(user=self.user, party=self.party).exclude(
            pk=self.pk
        )
        overlapping = overlapping.filter(Q(ends__isnull=True) | Q(ends__gte=self.starts))
        if self.ends:
            overlapping = overlapping.filter(starts__lte=self.ends)
        if overlapping.exists():
            raise ValidationError(
                "Cette personne a déjà un accès à cette partie pendant cette période."
            )

    @staticmethod
    def open_for(user: User, on: date) -> "models.QuerySet[Membership]":
        """The memberships under which a user may come in on a day, everything at hand."""
        return (
            Membership.objects.on(on)
            .filter(user=user)
            .select_related("party__programme", "party__perimeter", "user")
        )


class People(Mapping[int, User]):
    """The accounts that ever had access to a programme, by key, each called what it is there.

    What a programme shows of a person is its own membership's function, the latest one: an account
    may have another one elsewhere. One query, at the first that is asked for, however many are shown.
    """

    def __init__(self, memberships: "models.QuerySet[Membership]") -> None:
        self._rows = memberships

    @classmethod
    def of_programme(cls, programme_id: int) -> "People":
        """Where nobody reads: what a command or a history names."""
        return cls(Membership.objects.of_programme(programme_id))

    @cached_property
    def _memberships(self) -> list[Membership]:
        return list(self._rows.select_related("user").order_by("starts", "pk"))

    @cached_property
    def _users(self) -> dict[int, User]:
        found: dict[int, User] = {}
        for row in self._memberships:
            found[row.user_id] = row.user
            row.user.called = row.called
        return found

    def __getitem__(self, key: int | None) -> User:
        """One without access to the programme any more is there still, and says nothing of itself."""
        return self._users.get(key or 0) or _gone(key)

    def __iter__(self) -> Iterator[int]:
        return iter(self._users)

    def __len__(self) -> int:
        return len(self._users)

    @staticmethod
    def called(account: str) -> Subquery:
        """The same of a row's account, by its path, for lists in the order of it; the row has a programme."""
        rows = Membership.objects.filter(
            user=OuterRef(account), party__programme=OuterRef("programme")
        )
        return Subquery(rows.order_by("-starts", "-pk").values("function")[:1])

    def sorted(self) -> list[User]:
        """In alphabetical order of what they are called."""
        return sorted(self._users.values(), key=lambda user: (fold(str(user)), user.email))

    @property
    def of_operator(self) -> list[User]:
        """Those who work or worked for the operator, in the same order."""
        theirs = {row.user_id for row in self._memberships if row.role in OPERATOR_ROLES}
        return [user for user in self.sorted() if user.pk in theirs]


def _gone(key: int | None) -> User:
    user = User(pk=key)
    user.called = "Ancien compte"
    return user
