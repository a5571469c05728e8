"""A day's activities on one page: a row each, one save for all (R35, R36).

What is right is saved; what is wrong stays in its row with the words beside its field. Each row
carries its `uid`, so that the same page sent again makes no doubles, and the version it read, so
that what somebody else saved meanwhile is told and never overwritten.
"""

from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, Required, Unpack
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.forms.utils import ErrorDict
from django.http import QueryDict

from governance.models import Membership
from humanicite.lib.dates import NBSP, format_duration, parse_duration
from humanicite.lib.forms import (
    ClockField,
    Data,
    Files,
    KnownRow,
    ModelFormOptions,
    grouped,
    own_field,
)
from humanicite.lib.narrowing import LeanSelect
from humanicite.lib.params import number_in, version_in
from humanicite.lib.writes import Conflict, Done
from mediation.activities import actions
from mediation.activities.forms import TEXTS, ActivityForm
from mediation.activities.habits import Habits
from mediation.activities.head_counts import counts_of
from mediation.activities.models import Activity, Review
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity
from mediation.history.versions import Change, differences

EMPTY_ROWS = 5  # beneath what is saved
MOST_ROWS = 80
PREFIX = "l"
# What a row shows of an activity; the rest stays as it is saved.
SHOWN = ("starts_at", "type", "place", "minutes", "themes", "internal_note", "summary")
# What makes a row one that was begun: a place comes filled in.
TYPED = tuple(name for name in SHOWN if name != "place")
CHANGED = (
    "Cette activité a été modifiée entre-temps. Rien n’est remplacé : enregistrez de nouveau pour "
    "mettre votre saisie à la place, ou cochez « Garder ce qui est enregistré »."
)
CHANGED_BEFORE_DELETION = (
    "Cette activité a été modifiée entre-temps : la voici telle qu’elle est. "
    "Cochez de nouveau si elle est toujours à supprimer."
)
SENT_BEFORE = (
    "Cette ligne était déjà enregistrée avec d’autres mots. Enregistrez de nouveau pour la "
    "modifier, ou cochez « Garder ce qui est enregistré »."
)
GONE = "Cette activité a été supprimée entre-temps : enregistrer la crée de nouveau."


class ThemeSelect(LeanSelect):
    """One theme; an activity that has two keeps them as one choice, « 3,7 »."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [key for key in (data.get(name) or "").split(",") if key]

    def format_value(self, value: Any) -> list[str]:
        return [",".join(str(key) for key in value or [])]


class RowOptions(ModelFormOptions, total=False):
    """What the form of an activity takes besides."""

    membership: Required[Membership]
    now: Required[datetime]
    frame: Frame


class RowForm(ActivityForm):
    """An activity in one line: the same rules, fewer fields, controls for a keyboard."""

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        day: date,
        habits: Habits,
        **options: Unpack[RowOptions],
    ) -> None:
        self.__dict__["habits"] = habits  # asked for once a page
        super().__init__(data, files, **options)
        # What a row does not show keeps its saved value; a day is the page's.
        kept = {*SHOWN, "day", "uid", "version", "keep_personal"}
        for name in [name for name in self.fields if name not in kept]:
            del self.fields[name]
        self.fields["day"].disabled = True
        self.initial["day"] = day
        self._draw()
        saved = self.instance
        self._was = (saved.type, saved.theme_id, saved.second_theme_id, saved.objective_id)

    def _fill_in(self) -> None:
        super()._fill_in()
        self.initial["minutes"] = None  # a row begins empty, but for its place

    def _draw(self) -> None:
        """Lists that answer to letters (PAP, or « Prés »), and texts on one line."""
        fields: Any = self.fields
        choices = {
            "type": [
                ("", "Choisir…"),
                *((t.value, f"{t.value} – {t.short}") for t in ReferenceActivity),
            ],
            "place": fields["place"].widget.other.choices,
            "themes": self._theme_choices,
        }
        for name, offered in choices.items():
            fields[name].widget = ThemeSelect() if name == "themes" else LeanSelect()
            fields[name].choices = offered
        fields["minutes"].widget = forms.TextInput(
            {"placeholder": f"ex.{NBSP}1h30", "autocomplete": "off", "maxlength": 20}
        )
        if isinstance(self.initial.get("minutes"), int):
            self.initial["minutes"] = format_duration(self.initial["minutes"])
        fields["starts_at"] = ClockField(
            label=fields["starts_at"].label,
            required=False,
            widget=forms.TimeInput(
                {"placeholder": f"ex.{NBSP}9h", "autocomplete": "off", "maxlength": 8},
                format="%H:%M",
            ),
        )
        for name, most in (("internal_note", 4000), ("summary", 1000)):
            text = getattr(self.instance, name)
            lines = forms.Textarea({"rows": 2}) if "\n" in text else forms.TextInput()
            fields[name].widget = lines
            lines.attrs |= {"maxlength": most, "autocomplete": "off"}
            fields[name].help_text = ""
        fields["themes"].help_text = ""

    def _theme_choices(self) -> list[object]:
        rows = own_field(self, "themes", KnownRow).rows()
        choices = grouped(((row.group, row) for row in rows.values()), "Aucune")
        both = self.instance.themes
        if len(both) == 2:
            keys, names = (",".join(str(t.pk) for t in both), " et ".join(map(str, both)))
            choices.insert(1, (keys, names))
        return choices

    @cached_property
    def changed(self) -> list[str]:
        """What differs from what is saved; a browser's line ends are no difference."""
        names = [name for name in self.changed_data if name in SHOWN]
        return [name for name in names if name not in TEXTS or self._reads_otherwise(name)]

    def _reads_otherwise(self, name: str) -> bool:
        typed = str(self[name].data or "").replace("\r\n", "\n").strip()
        return typed != str(self.initial.get(name) or "").replace("\r\n", "\n").strip()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in django-stubs
        for name in TEXTS:
            if self.initial.get(name) and name not in self.changed:
                setattr(self.instance, name, self.initial[name])  # its own line ends
        type_, first, second, objective = self._was
        if objective is None or not {"type", "themes"} & set(self.changed):
            return
        themes = [self.frame.themes[key] for key in (first, second) if key in self.frame.themes]
        derived = self.frame.objective_for(type_, themes)
        if derived is not None and derived.pk == objective:
            self.instance.objective = None  # it followed from the type and themes: it follows again

    @property
    def asks_about_persons(self) -> bool:
        return self.is_bound and (bool(self["keep_personal"].data) or super().asks_about_persons)

    def as_typed(self) -> None:
        """To be drawn as it was typed: nothing is judged yet."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, object] = {}

    @property
    def counted_minutes(self) -> int:
        """What the line adds to the day, as far as its duration can be read."""
        try:
            return parse_duration(str(self["minutes"].value() or ""))
        except ValueError:
            return 0


@dataclass(frozen=True)
class _Sent:
    """What a page sent for one line, beside the fields of its form."""

    key: int  # of the activity shown there; 0 for a new line
    uid: UUID | None
    version: int
    wants_deletion: bool
    keeps_saved: bool
    is_blank: bool

    @classmethod
    def of(cls, data: QueryDict, prefix: str) -> "_Sent":
        def said(name: str) -> str:
            return (data.get(f"{prefix}-{name}") or "").strip()

        try:
            uid = UUID(said("uid"))
        except ValueError:
            uid = None
        key = number_in(said("id"))
        return cls(
            key=key,
            uid=uid,
            version=version_in(said("version")),
            wants_deletion=bool(key and said("delete")),
            keeps_saved=bool(said("keep")),
            is_blank=not key and not any(said(name) for name in TYPED),
        )


@dataclass
class Row:
    """A line of the day. `saved` is what the database says, where it knows the line."""

    form: RowForm
    saved: Activity | None = None
    sent: _Sent | None = None
    notice: str = ""
    differing: list[Change] = field(default_factory=list)
    is_done: bool = False  # what it asked for is in the database

    @property
    def key(self) -> int | str:
        """Of the activity that the next sending speaks of; none for a new line."""
        return self.saved.pk if self.saved else ""

    @property
    def version(self) -> int | str:
        """What the next sending read: the newest only where the page shows what it says."""
        if self.saved is None:
            return ""
        return self.saved.version if self.sent is None or self.notice else self.sent.version

    @property
    def wants_deletion(self) -> bool:
        return bool(self.sent and self.sent.wants_deletion)

    @property
    def offers_choice(self) -> bool:
        return bool(self.saved and self.notice and self.form.is_bound)

    @property
    def is_faulty(self) -> bool:
        return bool(self.notice) or (self.form.is_bound and bool(self.form.errors))

    @property
    def words(self) -> list[str]:
        """Faults of the line as a whole: those that no shown field carries."""
        if not self.form.is_bound:
            return []
        found = [name for name in self.form.errors if name not in SHOWN]
        return [str(message) for name in found for message in self.form.errors[name]]

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(id of the control, message), in the order of the line."""
        found = [("", self.notice)] if self.notice else []
        found += [("", message) for message in self.words]
        for name in SHOWN if self.form.is_bound else ():
            bound = self.form[name]
            found += [(bound.id_for_label, str(message)) for message in bound.errors]
        return found


@dataclass
class Outcome:
    """What one save did, in activities."""

    saved: int = 0
    changed: int = 0
    deleted: int = 0
    known: int = 0  # saved by an earlier sending of the same page
    to_review: int = 0

    def said(self, faults: int = 0) -> str:
        """« 9 enregistrées, 1 à corriger »; empty where nothing was asked."""
        told = (
            (self.saved, "enregistrée"),
            (self.changed, "modifiée"),
            (self.deleted, "supprimée"),
            (self.known, "déjà enregistrée"),
        )
        words = [f"{count} {word}{'s' if count > 1 else ''}" for count, word in told if count]
        return ", ".join([*words, *([f"{faults} à corriger"] if faults else [])])


class DayEntry:
    """One's own activities of a day as lines, and empty ones beneath.

    With `data`, what a page sent, drawn as it was typed until `save` does what it asks.
    """

    def __init__(
        self, *, day: date, membership: Membership, now: datetime, data: Any = None, more: int = 0
    ) -> None:
        self.day, self.membership, self.now, self.data = day, membership, now, data
        self.frame = Frame(membership.programme_id)
        self.habits = Habits.of(membership, now)
        self.outcome = Outcome()
        if data is None:
            known = self._known()
            self.rows = [self._shown(n, saved) for n, saved in enumerate(known.values())]
        else:
            self.rows = self._read()
        for _ in range(min(more, MOST_ROWS - len(self.rows))):
            self.rows.append(Row(self._form(len(self.rows))))

    @property
    def faulty(self) -> list[tuple[int, Row]]:
        """(number of the line, row) of those that wait to be mended."""
        return [(n, row) for n, row in enumerate(self.rows, 1) if row.is_faulty]

    @property
    def faults(self) -> list[tuple[int, str, str]]:
        return [(n, id_, said) for n, row in self.faulty for id_, said in row.faults]

    @property
    def minutes(self) -> int:
        return sum(row.form.counted_minutes for row in self.rows if not row.wants_deletion)

    @cached_property
    def pattern(self) -> Row:
        """The line that a script copies, under a number it fills in."""
        return Row(self._form("__n__"))

    # --- Rows and forms ----------------------------------------------------------------------------

    def _known(
        self, keys: set[int] | None = None, uids: set[UUID] | None = None
    ) -> dict[int, Activity]:
        """The day's activities in its order, and those that the page speaks of; one query."""
        rows = Activity.objects.visible_to(self.membership).filter(author=self.membership.user_id)
        asked = Q(day=self.day) | Q(pk__in=keys or ()) | Q(uid__in=uids or ())
        found = rows.filter(asked).for_lists().select_related("situation")
        ordered = sorted(found, key=lambda row: (row.starts_at or time.max, row.pk))
        return {row.pk: row for row in ordered}

    def _form(self, n: int | str, instance: Activity | None = None, data: Data = None) -> RowForm:
        return RowForm(
            data,
            prefix=f"{PREFIX}{n}",
            instance=instance and copy(instance),
            membership=self.membership,
            now=self.now,
            frame=self.frame,
            day=self.day,
            habits=self.habits,
        )

    def _shown(self, n: int, saved: Activity) -> Row:
        return Row(self._form(n, saved), saved, is_done=True)

    def _read(self) -> list[Row]:
        sent = [_Sent.of(self.data, f"{PREFIX}{n}") for n in range(self._total())]
        known = self._known({one.key for one in sent}, {one.uid for one in sent if one.uid})
        by_uid = {row.uid: row for row in known.values()}
        rows = []
        for n, one in enumerate(sent):
            saved = known.get(one.key) or (by_uid.get(one.uid) if one.uid else None)
            row = Row(self._form(n, saved, self.data), saved, one)
            row.form.as_typed()
            rows.append(row)
        return rows

    def _total(self) -> int:
        return min(number_in(self.data.get("total")), MOST_ROWS)

    # --- Saving ------------------------------------------------------------------------------------

    def save(self) -> None:
        """Does what each line asks, whatever becomes of the others; see `outcome` and `faulty`."""
        drafts = []
        for n, row in enumerate(self.rows):
            sent = row.sent
            if sent is None or sent.is_blank or (sent.keeps_saved and row.saved):
                self._settle(n)
                continue
            row.form = self._form(n, row.saved, self.data)
            if sent.key and row.saved is None:
                self._gone(n)
            elif row.saved is None:
                if row.form.is_valid():
                    drafts.append(n)
            elif sent.wants_deletion:
                self._delete(n, row.saved, sent.version)
            elif not row.form.changed:
                self.outcome.known += not sent.key
                self._settle(n)
            elif row.form.is_valid() and sent.key:
                self._change(n, sent.version)
            elif row.form.is_valid():
                self._conflict(row, row.saved, SENT_BEFORE)
        if drafts:
            self._log(drafts)
        if self.faulty:
            self._draw_what_is_saved()

    def _settle(self, n: int) -> None:
        """The line asks for nothing (more): it shows what is saved, or begins anew."""
        saved = self.rows[n].saved
        self.rows[n] = self._shown(n, saved) if saved else Row(self._form(n))

    def _log(self, numbers: list[int]) -> None:
        """New lines go in together, in as many queries for five as for fifty."""
        for n in numbers:
            activity = self.rows[n].form.instance
            activity.uid = self.rows[n].form.cleaned_data["uid"]
            activity.author = self.membership.user
        drafts = [actions.Draft(self.rows[n].form.instance, {}) for n in numbers]
        try:
            actions.log_activities(drafts=drafts, by=self.membership, frame=self.frame)
        except (IntegrityError, ValidationError):
            # Another sending came between, or a rule across tables spoke: each for itself.
            for n in numbers:
                self._log_one(n)
        else:
            for n in numbers:
                self._saved(n)

    def _log_one(self, n: int) -> None:
        row = self.rows[n]
        activity = row.form.instance
        activity.pk, activity._state.adding = None, True
        try:
            actions.log_activity(activity=activity, head_counts={}, by=self.membership)
        except Done as already:
            row.saved = self._known(keys={already.row.pk})[already.row.pk]
            row.form = self._form(n, row.saved, self.data)
            if row.form.changed and row.form.is_valid():
                self._conflict(row, row.saved, SENT_BEFORE)
            elif not row.form.changed:
                self.outcome.known += 1
                self._settle(n)
        except ValidationError as error:
            row.form.add_error(None, error.messages)
        else:
            self._saved(n)

    def _saved(self, n: int) -> None:
        row = self.rows[n]
        row.is_done = True
        self.outcome.saved += 1
        self.outcome.to_review += row.form.instance.review == Review.PENDING

    def _change(self, n: int, read_version: int) -> None:
        row = self.rows[n]
        activity = row.form.instance
        try:
            actions.change_activity(
                activity=activity,
                head_counts=counts_of(activity),
                read_version=read_version,
                by=self.membership,
                fields=row.form.changed,
            )
        except Conflict as conflict:
            if conflict.row is None:
                self._gone(n)
            elif self._was_touched(n):
                self._conflict(row, conflict.row, CHANGED)
            else:
                self._settle(n)
        except ValidationError as error:
            row.form.add_error(None, error.messages)
        else:
            row.is_done = True
            self.outcome.changed += 1
            self.outcome.to_review += activity.review == Review.PENDING

    def _conflict(self, row: Row, saved: Activity, notice: str) -> None:
        row.saved, row.notice = saved, notice
        row.differing = differences(saved, row.form.instance)

    def _delete(self, n: int, saved: Activity, read_version: int) -> None:
        try:
            actions.delete_activity(activity=saved, read_version=read_version, by=self.membership)
        except Conflict as conflict:
            if conflict.row is not None:
                self.rows[n] = Row(self._form(n, conflict.row), conflict.row)
                self.rows[n].notice = CHANGED_BEFORE_DELETION
                return
        else:
            self.outcome.deleted += 1
        self.rows[n] = Row(self._form(n))

    def _gone(self, n: int) -> None:
        """Somebody deleted the activity: what was typed in it stays, and makes a new one."""
        row = self.rows[n]
        if row.wants_deletion or not self._was_touched(n):
            self.rows[n] = Row(self._form(n))
            return
        row.saved, row.notice = None, GONE
        row.form = self._form(n, None, self.data)

    def _was_touched(self, n: int) -> bool:
        """Whether somebody typed in a line, or only sent back the version that it showed."""
        sent = self.rows[n].sent
        versions = Activity.history.model
        read = (
            versions.objects.visible_to(self.membership)
            .filter(id=sent.key, version=sent.version, author=self.membership.user_id)
            .exclude(history_type="-")
            .order_by("-history_id")
            .first()
            if sent
            else None
        )
        return read is None or bool(self._form(n, read.instance, self.data).changed)

    def _draw_what_is_saved(self) -> None:
        """The page is shown again: lines that are done say what the database says."""
        uids = {row.form.instance.uid for row in self.rows if row.is_done}
        by_uid = {row.uid: row for row in self._known(uids=uids).values()}
        for n, row in enumerate(self.rows):
            if row.is_done and row.form.instance.uid in by_uid:
                self.rows[n] = self._shown(n, by_uid[row.form.instance.uid])
