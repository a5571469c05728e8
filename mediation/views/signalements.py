"""Signalements: the list, writing and sending one, its page, its course, its answer (R70–R72)."""

import hashlib
import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import BooleanField, Count, ExpressionWrapper, Prefetch, Value
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.models import Act, Membership, record
from governance.requests import Request
from governance.rights import Right
from humanicite.lib import pictures as photos
from humanicite.lib import resume, uploads
from humanicite.lib.exports import FORMATS, TooManyRows
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.params import number_in, version_in
from humanicite.lib.pdf import PdfUnavailable
from humanicite.templatetags.french import plural
from mediation import reminders, sheet_page
from mediation.activities.models import Activity
from mediation.frame.models import Frame
from mediation.models.signalements import (
    Recipient,
    Relay,
    Reply,
    SheetPhoto,
    SheetState,
    Signalement,
)
from mediation.photos.views import picture
from mediation.routing.rules import Routing, alike
from mediation.situations.models import Situation

from .. import actions_signalements as actions
from .. import exports_signalements as exports
from ..emails_signalements import sheet_filename
from ..emails_signalements import sheet_pdf as pdf_of
from ..filters_signalements import (
    ALL,
    DRAFTS,
    STATES_OF,
    TABS,
    WAITING,
    SheetFilter,
    awaits,
    in_order,
    tab_of,
)
from ..forms_signalements import (
    DECISIONS,
    AnswerForm,
    DecisionForm,
    ObservationForm,
    RedirectForm,
    RelayForm,
    SheetForm,
)

PAGE = 25
LAST_PAGE = 400  # beyond, filters find sooner
GOES_BACK = "rouvrir"


# --- The list -------------------------------------------------------------------------------------


@reads(Right.READ_SHEETS)
def sheets(request: Request) -> HttpResponse:
    """By tab, what waits longest first; one row more than a page tells whether there is another."""
    membership: Membership = request.membership
    today = timezone.localdate()
    found = SheetFilter(request.GET, membership=membership, today=today)
    answers = membership.may(Right.ANSWER_SHEETS)
    rows = found.narrow(Signalement.objects.visible_to(membership))
    counts = _counts(rows, found)
    tab = _tab(request, found, counts)
    shown = rows if tab == ALL else rows.filter(state__in=STATES_OF[tab])
    if not found.is_team:
        shown = shown.exclude(state=SheetState.BROUILLON)
    is_awaited = awaits(membership) if answers else Value(value=False)
    shown = shown.annotate(is_awaited=ExpressionWrapper(is_awaited, BooleanField()))
    shown = in_order(shown, tab, membership)
    wanted = request.GET.get("_export", "")
    if wanted in FORMATS and found.is_valid():
        return _file(request, found, shown, wanted, tab)
    page = min(LAST_PAGE, max(1, number_in(request.GET.get("page"))))
    seen = Recipient.objects.visible_to(membership).filter(successor=None).select_related("party")
    lines = list(
        shown.for_lists().prefetch_related(Prefetch("recipients", seen, to_attr="seen"))[
            (page - 1) * PAGE : page * PAGE + 1
        ]
    )
    context = {
        "filter": found,
        "query": found.query(),
        "tab": tab,
        "tabs": [
            (value, label, counts[value])
            for value, label in (*((v, text) for v, text, _ in TABS), (ALL, "Tous"))
            if value != DRAFTS or found.is_team
        ],
        "lines": [(row, _line(row, today)) for row in lines[:PAGE]],
        "total": counts[tab],
        "writes": membership.may(Right.WRITE_SHEETS),
        "escalates": membership.may(Right.ESCALATE_SHEETS),
        "first_awaited": next((row for row in lines if row.is_awaited), None),
        "elsewhere": 0 if lines or tab == ALL else counts[ALL],
        "has_any": any(counts.values()),
        "previous": page - 1,
        "next": page + 1 if len(lines) > PAGE and page < LAST_PAGE else None,
    }
    return render(request, "mediation/signalement_list.html", context)


def _counts(rows: Any, found: SheetFilter) -> dict[str, int]:
    by_state = rows.order_by().values("state").annotate(count=Count("pk"))
    states = {row["state"]: row["count"] for row in by_state}
    if not found.is_team:
        states.pop(SheetState.BROUILLON, None)
    counts = {value: sum(states.get(state, 0) for state in of) for value, _, of in TABS}
    return counts | {ALL: sum(states.values())}


def _tab(request: Request, found: SheetFilter, counts: dict[str, int]) -> str:
    """The one asked for; of a link that names only filters, the one where something is."""
    wanted = request.GET.get("onglet", "")
    if wanted == ALL or (wanted in STATES_OF and (wanted != DRAFTS or found.is_team)):
        return wanted
    if found.given.get("etat") in dict(SheetState.choices):
        tab = tab_of(found.given["etat"])
        return tab if tab != DRAFTS or found.is_team else ALL
    return ALL if found.given else WAITING


def _line(row: Signalement, today: date) -> dict[str, Any]:
    return {
        "is_overdue": row.is_overdue(today),
        "tag": sheet_page.tag_of(row),
        "standings": [(one, sheet_page.standing(one)) for one in row.seen],  # type: ignore[attr-defined]
    }


def _file(request: Request, found: SheetFilter, rows: Any, wanted: str, tab: str) -> HttpResponse:
    membership: Membership = request.membership
    try:
        file = exports.write(rows, found, wanted)
    except TooManyRows as error:
        messages.warning(request, str(error))
        return redirect(f"{request.path}?{found.query()}")
    record(
        Act.PRODUCE, membership.programme, by=membership, programme=membership.programme_id,
        fields=[wanted.upper(), "signalements", tab, *found.set_names],
    )  # fmt: skip
    name = f"signalements-{membership.party.slug}-{tab}-{timezone.localdate().isoformat()}.{wanted}"
    answer: Any = FileResponse(
        file, as_attachment=True, filename=name, content_type=FORMATS[wanted]
    )
    return answer


# --- Writing one ----------------------------------------------------------------------------------


@writes(Right.WRITE_SHEETS)
def create(request: Request) -> HttpResponse:
    """A draft, from an activity or alone; then it is checked, then sent."""
    membership: Membership = request.membership
    data = resume.data_of(request)
    given: Any = request.GET if data is None else data
    activity = _activity_of(given, membership)
    situation = activity.situation if activity else _situation_of(given, membership)
    form = SheetForm(
        data, membership=membership, today=timezone.localdate(), activity=activity,
        routing=Routing(membership, timezone.localdate()),
        initial=_started_from(activity, situation) if data is None else {},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        new = form.instance
        new.uid, new.activity, new.situation = form.cleaned_data["uid"], activity, situation
        try:
            actions.write_signalement(signalement=new, contacts=form.recipients, by=membership)
        except actions.AlreadyWritten as already:
            return redirect(_after(request, already.signalement))
        except ValidationError as error:
            add_errors(form, error)
        else:
            _take_photos(request, new, form.photos_from)
            return redirect(_after(request, new))
    return _form(request, form, situation=situation)


@writes(Right.WRITE_SHEETS, of=Signalement)
def edit(request: Request, sheet: Signalement) -> HttpResponse:
    """A draft again; what was sent stays as it was sent."""
    membership: Membership = request.membership
    if sheet.state != SheetState.BROUILLON:
        return _left(request, sheet)
    data = resume.data_of(request)
    read_version = sheet.version if data is None else version_in(data.get("version"))
    form = SheetForm(
        data, instance=sheet, membership=membership, today=timezone.localdate(),
        activity=sheet.activity, routing=Routing(membership, timezone.localdate()),
    )  # fmt: skip
    changed = False
    if request.method == "POST" and form.is_valid():
        contacts = form.recipients
        try:
            actions.change_draft(
                signalement=form.instance, contacts=contacts, read_version=read_version,
                by=membership, fields=form.changed_fields,
            )  # fmt: skip
        except actions.SignalementChanged as now:
            if now.signalement.state != SheetState.BROUILLON:
                return _left(request, now.signalement)
            if not _says_the_same(form, now.signalement, contacts):
                read_version, changed = now.signalement.version, True
                return _form(request, form, sheet=sheet, version=read_version, changed=changed)
            return redirect(_after(request, now.signalement))
        except ValidationError as error:
            add_errors(form, error)
        else:
            _drop_photos(request, form.instance)
            _take_photos(request, form.instance, form.photos_from)
            return redirect(_after(request, form.instance))
    elif data is not None and request.method != "POST" and read_version != sheet.version:
        read_version, changed = sheet.version, True
    return _form(request, form, sheet=sheet, version=read_version, changed=changed)


@writes(Right.WRITE_SHEETS, of=Signalement)
def send(request: Request, sheet: Signalement) -> HttpResponse:
    """Shows exactly what will leave, to whom and by when; then it leaves, or joins an open sheet
    that tells of the same."""
    membership: Membership = request.membership
    if sheet.state != SheetState.BROUILLON:
        return _left(request, sheet)
    now = timezone.now()
    faults: list[str] = []
    version, changed = sheet.version, False
    if request.method == "POST":
        version = version_in(request.POST.get("version"))
        if "joindre" in request.POST:
            return _joined(request, sheet, version)
        try:
            sent = actions.send_signalement(
                signalement=sheet, read_version=version, by=membership, now=now
            )
        except actions.SignalementChanged as now_is:
            sheet = now_is.signalement
            if sheet.state != SheetState.BROUILLON:
                return _left(request, sheet)
            version, changed = sheet.version, True
        except ValidationError as error:
            faults = error.messages
        else:
            count = sent.recipients.count()
            messages.success(
                request,
                f"Signalement {sent.reference} envoyé à "
                f"{count} destinataire{'s' if count > 1 else ''}.",
            )
            return redirect("sheet", pk=sent.pk)
    today = timezone.localtime(now).date()
    chosen = list(sheet.chosen.select_related("party"))
    contacts = actions.contacts_today(chosen, today)
    shown = sheet_page.as_it_leaves(sheet, now)
    context = {
        "sheet": sheet,
        "shown": shown,
        "contacts": contacts,
        "lost": [row for row in chosen if row not in contacts],
        "preview": sheet_page.preview(shown, contacts[0], now) if contacts else None,
        "readers": sheet_page.readers(sheet, [row.party.name for row in contacts]),
        "photos": sheet.photos.all(),
        "doubles": alike(membership, sheet.place, sheet.theme, but=sheet.pk),
        "is_past": shown.due_on is not None and shown.due_on < today,
        "faults": [("", message) for message in faults],
        "version": version,
        "changed": changed,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "mediation/signalement_check.html", context, status=status)


@writes(Right.WRITE_SHEETS, of=Signalement)
def discard(request: Request, sheet: Signalement) -> HttpResponse:
    """A draft that is not needed; nobody had it."""
    if sheet.state != SheetState.BROUILLON:
        return _left(request, sheet)
    changed = False
    if request.method == "POST":
        try:
            actions.discard_draft(
                signalement=sheet, read_version=version_in(request.POST.get("version")),
                by=request.membership,
            )  # fmt: skip
        except actions.SignalementChanged as now:
            sheet, changed = now.signalement, True
            if sheet.state != SheetState.BROUILLON:
                return _left(request, sheet)
        else:
            messages.success(request, f"Brouillon supprimé : {sheet.title}.")
            return redirect(f"{reverse('sheets')}?onglet={DRAFTS}")
    context = {"sheet": sheet, "changed": changed}
    status = 422 if changed else 200
    return render(request, "mediation/signalement_discard.html", context, status=status)


@reads(Right.WRITE_SHEETS)
def proposals(request: Request) -> HttpResponse:
    """For the form: whom the rules propose for a place and a theme, and open sheets alike."""
    membership: Membership = request.membership
    frame = Frame(membership.programme_id)
    place = frame.places.get(number_in(request.GET.get("lieu")))
    theme = frame.themes.get(number_in(request.GET.get("theme")))
    proposal = Routing(membership, timezone.localdate()).proposed(place, theme)
    but = number_in(request.GET.get("sauf")) or None
    return JsonResponse(
        {
            "main": [row.pk for row in proposal.main],
            "backups": [row.pk for row in proposal.backups],
            "undesignated": proposal.undesignated,
            "alike": [
                {"title": str(row), "url": reverse("sheet", args=[row.pk])}
                for row in alike(membership, place, theme, but=but)
            ],
        }
    )


def _form(
    request: Request,
    form: SheetForm,
    *,
    sheet: Signalement | None = None,
    version: int | None = None,
    changed: bool = False,
    situation: Situation | None = None,
) -> HttpResponse:
    known = list(sheet.photos.all()) if sheet else []
    taken = form.activity.photos.count() if form.activity and not known else 0
    context = {
        "form": form,
        "offered": form.offered(),
        "undesignated": form.proposal.undesignated,
        "sheet": sheet,
        "version": version,
        "changed": changed,
        # A browser keeps what was typed in a page that comes back, but not the files.
        "lost_files": request.method == "POST" and bool(request.FILES),
        "activity": form.activity,
        "situation": situation,
        "photos": known,
        "photo_room": max(0, actions.MOST_PHOTOS - len(known)),
        "activity_photos": taken,
        "accept": photos.ACCEPT,
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "mediation/signalement_form.html", context, status=status)


def _left(request: Request, sheet: Signalement) -> HttpResponse:
    """For a page of drafts: this one left, perhaps by the same form a moment ago."""
    if request.method == "POST":
        messages.info(request, f"Ce signalement est déjà parti : {sheet.reference}.")
        return redirect("sheet", pk=sheet.pk)
    return render(request, "mediation/signalement_left.html", {"sheet": sheet})


def _after(request: Request, sheet: Signalement) -> str:
    if "garder" in request.POST:
        messages.success(request, "Brouillon enregistré : rien n’est parti.")
        return reverse("sheet", args=[sheet.pk])
    return reverse("sheet_send", args=[sheet.pk])


def _started_from(activity: Activity | None, situation: Situation | None) -> dict[str, Any]:
    if activity is None:
        return {"place": situation.place_id} if situation else {}
    return {
        "title": activity.theme.name if activity.theme else activity.reference.short,
        "place": activity.place_id,
        "theme": activity.theme_id,
        "observed_on": activity.day,
    }


def _activity_of(given: Any, membership: Membership) -> Activity | None:
    rows = Activity.objects.visible_to(membership).select_related("theme", "place", "situation")
    found: Activity | None = rows.filter(pk=number_in(given.get("activite"))).first()
    return found


def _situation_of(given: Any, membership: Membership) -> Situation | None:
    rows = Situation.objects.visible_to(membership).open()
    found: Situation | None = rows.filter(pk=number_in(given.get("situation"))).first()
    return found


def _joined(request: Request, draft: Signalement, version: int) -> HttpResponse:
    rows = Signalement.objects.visible_to(request.membership).open()
    known = rows.filter(pk=number_in(request.POST.get("joindre"))).first()
    if known is None:
        messages.warning(request, "Ce signalement n’est plus ouvert : envoyez le vôtre.")
        return redirect("sheet_send", pk=draft.pk)
    try:
        left_out = actions.join_draft(
            draft=draft, signalement=known, read_version=version,
            by=request.membership, now=timezone.now(),
        )  # fmt: skip
    except actions.SignalementChanged:
        messages.warning(request, "Ce brouillon a été modifié entre-temps : relisez-le.")
        return redirect("sheet_send", pk=draft.pk)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return redirect("sheet_send", pk=draft.pk)
    messages.success(request, f"Constat ajouté à {known.reference}.")
    if left_out:
        said = plural(left_out, "photo n’a,photos n’ont")
        messages.warning(request, f"{said} pas trouvé place : trois par signalement au plus.")
    return redirect("sheet", pk=known.pk)


def _says_the_same(form: SheetForm, saved: Signalement, contacts: list[Any]) -> bool:
    chosen = set(saved.chosen.values_list("pk", flat=True))
    return chosen == {row.pk for row in contacts} and all(
        getattr(saved, name) == form.cleaned_data[name] for name in SheetForm.Meta.fields
    )


def _take_photos(request: Request, sheet: Signalement, activity: Activity | None) -> None:
    """Pictures sent with the form, and the activity's, each once; a refused one is told, the rest
    stays."""
    by: Membership = request.membership
    if uploads.dropped(request):
        messages.error(request, "Cet envoi est trop lourd : trois photos de 10 Mo au plus.")
    for upload in request.FILES.getlist("photos")[: actions.MOST_PHOTOS + 1]:
        uid = uuid.uuid5(sheet.uid, hashlib.sha256(upload.read()).hexdigest())
        try:
            actions.add_sheet_photo(signalement=sheet, upload=upload, uid=uid, by=by)
        except ValidationError as error:
            messages.warning(request, f"{str(upload.name)[:40]} : {' '.join(error.messages)}")
    if activity is not None:
        actions.take_photos_along(signalement=sheet, activity=activity, by=by)


def _drop_photos(request: Request, sheet: Signalement) -> None:
    keys = [number_in(key) for key in request.POST.getlist("retirer")]
    for photo in sheet.photos.filter(pk__in=keys):
        actions.remove_sheet_photo(photo=photo, by=request.membership)


# --- Its page -------------------------------------------------------------------------------------


@reads(Right.READ_SHEETS, of=Signalement)
def sheet(request: Request, sheet: Signalement) -> HttpResponse:
    """What it says, where each recipient stands, and its course; by reader."""
    membership: Membership = request.membership
    today = timezone.localdate()
    is_team, is_draft = membership.may(Right.WRITE_SHEETS), sheet.state == SheetState.BROUILLON
    sheet = Signalement.objects.select_related(
        "place", "theme", "author", "activity", "situation"
    ).get(pk=sheet.pk)
    seen = Recipient.objects.visible_to(membership).filter(signalement=sheet)
    rows = list(seen.select_related("party", "successor__party"))
    pictures = list(
        SheetPhoto.objects.visible_to(membership).filter(signalement=sheet)
        .select_related("recipient__party")
    )  # fmt: skip
    moments, has_older = sheet_page.course(
        sheet, membership, is_team=is_team, whole=request.GET.get("fil") == "tout"
    )
    mine = _mine(rows, membership) if membership.may(Right.ANSWER_SHEETS) else None
    waited = reminders.waited_for(sheet) if is_team and sheet.sent_at else []
    context = {
        "sheet": sheet,
        "tag": sheet_page.tag_of(sheet),
        "tab": tab_of(sheet.state),
        "is_team": is_team,
        "is_draft": is_draft,
        "is_declared": sheet.state == SheetState.RESOLU_DECLARE,
        "is_overdue": sheet.is_overdue(today),
        "rows": [
            (row, sheet_page.standing(row), sheet_page.dates_of(row), row.party_id == membership.party_id)
            for row in rows
        ],
        "refused": [row for row in rows if row.reply == Reply.AUTRE and row.is_current],
        "chosen": sheet.chosen.select_related("party") if is_draft and is_team else [],
        "photos": pictures,
        "moments": moments,
        "has_older": has_older,
        "mine": mine,
        "may_answer": mine is not None and not sheet.has_ended,
        "is_awaited": mine is not None and _is_awaited(rows, membership, sheet),
        "waited": waited,
        "decisions": _decisions(sheet) if is_team else [],
        "may_redirect": is_team and sheet.sent_at is not None and not sheet.has_ended,
    }  # fmt: skip
    return render(request, "mediation/signalement.html", context)


def _mine(rows: list[Recipient], membership: Membership) -> Recipient | None:
    """The row by which a party answers: the reader's own address, or the first of the party's."""
    own = [row for row in rows if row.party_id == membership.party_id and row.is_current]
    own.sort(key=lambda row: (row.email.lower() != membership.user.email.lower(), row.is_copy))
    return own[0] if own else None


def _is_awaited(rows: list[Recipient], membership: Membership, sheet: Signalement) -> bool:
    own = [row for row in rows if row.party_id == membership.party_id]
    waits = sheet.state in (SheetState.ENVOYE, SheetState.ACCUSE, SheetState.PRIS_EN_CHARGE)
    return waits and not any(row.reply for row in own)


def _decisions(sheet: Signalement) -> list[tuple[str, str]]:
    """What the team may decide from where the sheet stands."""
    if sheet.sent_at is None:
        return []
    back = (SheetState.RESOLU_DECLARE, SheetState.RESOLU_VERIFIE, SheetState.NON_RESOLU)
    return [
        (str(value), label)
        for value, label, _ in DECISIONS
        if (sheet.state in back if value == GOES_BACK else sheet.may_become(value))
    ]


@reads(Right.READ_SHEETS, of=SheetPhoto)
def photo(request: Request, photo: SheetPhoto) -> HttpResponse:
    return picture(request, photo)


@reads(Right.READ_SHEETS, of=Signalement)
def sheet_pdf(request: Request, sheet: Signalement) -> HttpResponse:
    try:
        content = pdf_of(sheet)
    except PdfUnavailable as error:
        context = {"reason": str(error)}
        return render(request, "reporting/pdf_unavailable.html", context, status=503)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{sheet_filename(sheet)}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


# --- Its course -----------------------------------------------------------------------------------


@writes(Right.WRITE_SHEETS, of=Signalement)
def decide(request: Request, sheet: Signalement) -> HttpResponse:
    """Verified on site, reopened, given up, cancelled: the team's word, with a reason where needed."""
    membership: Membership = request.membership
    data = resume.data_of(request)
    offered = _decisions(sheet)
    form = DecisionForm(data, offered=offered, initial={"to": request.GET.get("vers", "")})
    version = sheet.version if data is None else version_in(data.get("version"))
    changed = False
    if request.method == "POST" and _is_done(sheet, request.POST.get("to", "")):
        messages.info(request, f"Déjà fait : {sheet.get_state_display().lower()}.")
        return redirect("sheet", pk=sheet.pk)
    if request.method == "POST" and form.is_valid():
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        common: Any = {"by": membership, "now": timezone.now(), "read_version": version}
        try:
            if to == GOES_BACK:
                sheet = actions.reopen_signalement(signalement=sheet, text=reason, **common)
            else:
                sheet = actions.move_signalement(
                    signalement=sheet, to=to, reason=reason, text=reason, **common
                )
        except actions.SignalementChanged as now:
            sheet, version, changed = now.signalement, now.signalement.version, True
            offered = _decisions(sheet)
            form.offer(offered)
        except ValidationError as error:
            add_errors(form, error)
        else:
            said = "rouvert" if to == GOES_BACK else sheet.get_state_display().lower()
            messages.success(request, f"Signalement {sheet.reference} : {said}.")
            return redirect("sheet", pk=sheet.pk)
    context = {
        "sheet": sheet, "form": form, "offered": offered, "version": version, "changed": changed,
        "resumed": hasattr(request, "resumed"),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "mediation/signalement_decide.html", context, status=status)


def _is_done(sheet: Signalement, wanted: str) -> bool:
    """A second press of the same button."""
    going = (SheetState.ENVOYE, SheetState.ACCUSE, SheetState.PRIS_EN_CHARGE)
    return sheet.state == wanted or (wanted == GOES_BACK and sheet.state in going)


@writes(Right.WRITE_SHEETS, of=Signalement)
def forward(request: Request, sheet: Signalement) -> HttpResponse:
    """One more addressee: the right one."""
    membership: Membership = request.membership
    rows = list(sheet.recipients.select_related("party"))
    data = resume.data_of(request)
    form = RedirectForm(
        data, routing=Routing(membership, timezone.localdate()),
        had_it={row.contact_id for row in rows},
        named=" ".join(row.redirect_to for row in rows if row.reply == Reply.AUTRE),
    )  # fmt: skip
    version = sheet.version if data is None else version_in(data.get("version"))
    changed = False
    wanted = number_in(request.POST.get("contact"))
    if request.method == "POST" and any(row.contact_id == wanted for row in rows):
        messages.info(request, "Cet interlocuteur l’a déjà reçu.")
        return redirect("sheet", pk=sheet.pk)
    if request.method == "POST" and form.is_valid():
        try:
            recipient = actions.redirect_signalement(
                signalement=sheet, contact=form.cleaned_data["contact"], by=membership,
                now=timezone.now(), read_version=version,
            )  # fmt: skip
        except actions.SignalementChanged as now:
            version, changed = now.signalement.version, True
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Envoyé à {recipient}.")
            return redirect("sheet", pk=sheet.pk)
    context = {
        "sheet": sheet, "form": form, "version": version, "changed": changed,
        "is_open": sheet.sent_at is not None and not sheet.has_ended,
        "refused": [row for row in rows if row.reply == Reply.AUTRE],
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "mediation/signalement_forward.html", context, status=status)


@writes(Right.WRITE_SHEETS, of=Signalement, confirm=False)
def remind(request: Request, sheet: Signalement) -> HttpResponse:
    sent = reminders.remind_by_hand(
        signalement=sheet, by=request.membership, now=timezone.now()
    )  # fmt: skip
    if sent:
        messages.success(request, f"Relancé : {', '.join(str(row) for row in sent)}.")
    elif reminders.waited_for(sheet):
        messages.info(request, "Déjà relancé aujourd’hui : une relance par jour et par personne.")
    else:
        messages.info(request, "Personne n’est à relancer par courriel.")
    return redirect("sheet", pk=sheet.pk)


@writes(Right.WRITE_SHEETS, of=Signalement)
def relay(request: Request, sheet: Signalement) -> HttpResponse:
    """What was said in person or by phone, and what was answered (R70, R71)."""
    membership: Membership = request.membership
    rows = list(
        sheet.recipients.filter(successor=None).select_related("party", "contact__party")
    )  # fmt: skip
    form = RelayForm(
        resume.data_of(request), today=timezone.localdate(), recipients=rows,
        routing=Routing(membership, timezone.localdate()),
    )  # fmt: skip
    is_open = sheet.sent_at is not None and not sheet.has_ended
    if request.method == "POST" and is_open and form.is_valid():
        data = form.cleaned_data
        try:
            actions.relay_with_answer(
                relay=Relay(
                    uid=data["uid"], signalement=sheet, contact=data["contact"],
                    party=data["contact"].party, channel=data["channel"], day=data["day"],
                    note=data["note"].strip(), reply=data["reply"],
                ),
                promised_on=data["promised_on"], redirect_to=data["redirect_to"],
                by=membership, now=timezone.now(),
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Noté : {data['contact']}.")
            return redirect("sheet", pk=sheet.pk)
    context = {"sheet": sheet, "form": form, "is_open": is_open}
    status = 422 if request.method == "POST" else 200
    return render(request, "mediation/signalement_relay.html", context, status=status)


@writes(Right.WRITE_SHEETS, of=Signalement)
def observe(request: Request, sheet: Signalement) -> HttpResponse:
    """The same thing, seen again."""
    membership: Membership = request.membership
    data = resume.data_of(request)
    activity = _activity_of(request.GET if data is None else data, membership)
    form = ObservationForm(data)
    if request.method == "POST" and form.is_valid():
        try:
            actions.join_signalement(
                signalement=sheet, activity=activity, text=form.cleaned_data["text"],
                by=membership, now=timezone.now(),
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Constat ajouté à {sheet.reference}.")
            return redirect("sheet", pk=sheet.pk)
    context = {"sheet": sheet, "form": form, "activity": activity}
    status = 422 if request.method == "POST" else 200
    return render(request, "mediation/signalement_observe.html", context, status=status)


@writes(Right.ANSWER_SHEETS, of=Signalement)
def reply(request: Request, sheet: Signalement) -> HttpResponse:
    """The party's answer, in the application; the same as by the link of the mail."""
    membership: Membership = request.membership
    rows = sheet.recipients.filter(party=membership.party_id).select_related("party", "contact")
    mine = _mine(list(rows), membership)
    if mine is None:
        raise PermissionDenied
    form = AnswerForm(
        resume.data_of(request), request.FILES or None, today=timezone.localdate(), recipient=mine
    )
    dropped = request.method == "POST" and uploads.dropped(request)
    if request.method == "POST" and form.is_valid() and not dropped:
        data = form.cleaned_data
        try:
            actions.answer_in_the_application(
                recipient=mine, reply=data["reply"], promised_on=data["promised_on"],
                redirect_to=data["redirect_to"], comment=data["comment"].strip(),
                photo=data["photo"], uid=data["uid"], by=membership, now=timezone.now(),
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Votre réponse est enregistrée. Merci.")
            return redirect("sheet", pk=sheet.pk)
    if dropped:
        form.add_error("photo", photos.TOO_HEAVY)
    context = {
        "sheet": sheet, "form": form, "mine": mine, "is_closed": sheet.has_ended,
        "resumed": hasattr(request, "resumed"),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "mediation/signalement_reply.html", context, status=status)
