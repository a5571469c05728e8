"""Writes on the quarter's news: keyword-only, `by=`, atomic, journalled (R11, R83)."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record
from governance.parties.models import Party
from governance.rights import Right
from governance.territory.models import Place
from humanicite.lib import personal
from humanicite.lib.writes import Conflict, lock_version, save_once, take_version

from .files import Taken
from .models import NewsFile, NewsKind, NewsState, QuarterNews

NOT_YOURS = "Cette information ne peut pas être enregistrée : rouvrez le formulaire."
OUTSIDE = "Ce lieu n’est pas dans le périmètre de votre partie."
NO_ROOM = "Le fichier n’a pas pu être écrit sur le serveur : réessayez dans un moment."
DAYS_OF_A_MAIL = 30  # of what came by mail, until somebody says otherwise


def post_news(*, news: QuarterNews, files: Iterable[Taken] = (), by: Membership) -> QuarterNews:
    """Publishes what a party passes on, once however often its form arrives (R83).

    Raises Done for a `uid` that is known, ValidationError for a place outside the party's
    perimeter, PermissionDenied.
    """
    if not by.may(Right.POST_NEWS):
        raise PermissionDenied
    news.programme_id, news.party_id, news.author_id = by.programme_id, by.party_id, by.user_id
    news.state = NewsState.PUBLISHED

    def save() -> None:
        _save(news, by)
        record(Act.CREATE, news, by=by, programme=news.programme_id)
        _put(news, files, by)

    return save_once(news, save, is_theirs=lambda row: row.may_be_changed_by(by), refusal=NOT_YOURS)


@transaction.atomic
def change_news(
    *,
    news: QuarterNews,
    read_version: int,
    fields: list[str],
    files: Iterable[Taken] = (),
    removed: Iterable[str] = (),
    by: Membership,
) -> QuarterNews:
    """Saves changed words, unless somebody else did since `read_version`; `removed`: kinds of files.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    if not news.may_be_changed_by(by):
        raise PermissionDenied
    take_version(news, read_version)
    _save(news, by)
    for old in NewsFile.objects.filter(news=news, kind__in=list(removed)):
        record(Act.DELETE, old, by=by, programme=news.programme_id)
        old.delete()
    record(Act.CHANGE, news, by=by, programme=news.programme_id, fields=fields)
    _put(news, files, by)
    return news


@transaction.atomic
def publish_news(
    *, news: QuarterNews, by: Membership, today: date, keeps_names: bool = False
) -> bool:
    """Shows what came by mail, or was withdrawn; False where it is shown already.

    Raises PermissionDenied, ValidationError for what is over, and (`persons`) for what seems to
    identify somebody, unless it is said to name nobody.
    """
    row = QuarterNews.objects.select_for_update().get(pk=news.pk)
    if row.is_published:
        return False  # pressed twice
    if not row.may_be_changed_by(by):
        raise PermissionDenied
    if row.is_over(today):
        raise ValidationError("Cette information est terminée : changez sa date de fin d’abord.")
    found = [] if keeps_names else personal.in_texts(row.title, row.text)
    if found:
        raise ValidationError(
            f"Ce texte semble identifier quelqu’un : {personal.said(found)}.", "persons"
        )
    _set_state(row, NewsState.PUBLISHED, by)
    return True


@transaction.atomic
def withdraw_news(*, news: QuarterNews, read_version: int, by: Membership) -> bool:
    """Hides a news before its end; False where it is hidden already. Its party keeps reading it.

    Raises Conflict, PermissionDenied.
    """
    if not news.may_be_withdrawn_by(by):
        raise PermissionDenied
    try:
        row = lock_version(news, read_version)
    except Conflict as conflict:
        if conflict.row is not None and conflict.row.is_withdrawn:
            return False
        raise
    if row.is_withdrawn:
        return False
    _set_state(row, NewsState.WITHDRAWN, by)
    return True


@transaction.atomic
def draft_by_mail(
    *, party: Party, title: str, text: str, files: Iterable[Taken], message_id: str, day: date
) -> QuarterNews | None:
    """A draft from a mail of the party's, of the whole quarter and for thirty days until somebody
    says otherwise; None for a mail that is known."""
    if QuarterNews.objects.filter(message_id=message_id).exists():
        return None
    root = Place.objects.get(programme=party.programme_id, parent=None)
    news = QuarterNews(
        programme_id=party.programme_id,
        party=party,
        kind=NewsKind.OTHER,
        title=title.strip()[:120] or "Information reçue par courriel",
        text=text[:4000],
        place=root,
        starts=day,
        ends=day + timedelta(days=DAYS_OF_A_MAIL),
        state=NewsState.DRAFT,
        message_id=message_id,
    )
    news.full_clean()
    news.save()
    record(Act.CREATE, news, by=None, programme=news.programme_id)
    _put(news, files, None)
    return news


def _set_state(row: QuarterNews, state: str, by: Membership) -> None:
    row.state = state
    row.version += 1
    row.save()
    record(Act.CHANGE, row, by=by, programme=row.programme_id, fields=["state"])


def _save(news: QuarterNews, by: Membership) -> None:
    # The party's own place: what it says of elsewhere would be read where it has no say.
    if news.place_id and not news.place.is_visible_to(by):
        raise ValidationError({"place": OUTSIDE})
    news.full_clean(exclude=["uid"])
    news.save()


def _put(news: QuarterNews, files: Iterable[Taken], by: Membership | None) -> None:
    """Writes files in the place of those of their kind; of what fails, none stays on the disk."""
    written: list[Any] = []
    try:
        for taken in files:
            for old in NewsFile.objects.filter(news=news, kind=taken.kind):
                record(Act.DELETE, old, by=by, programme=news.programme_id)
                old.delete()
            row = NewsFile(
                uid=uuid.uuid4(),
                news=news,
                kind=taken.kind,
                name=taken.name,
                size=taken.content.size,
            )
            row.file.save("", taken.content, save=False)
            written.append(row)
            row.save()
            record(Act.CREATE, row, by=by, programme=news.programme_id)
    except BaseException as error:
        for row in written:
            row.file.storage.delete(str(row.file.name))
        if isinstance(error, OSError):
            raise ValidationError(NO_ROOM, "no_room") from error
        raise
