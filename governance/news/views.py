"""The quarter's news: what is in force, one of them, and writing them (R11, R83)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib import pictures, resume, uploads
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.pages import page_of
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict, Done

from . import actions
from .addresses import news_address
from .filters import WAITING, NewsFilter
from .forms import NewsForm
from .models import FileKind, NewsFile, NewsState, QuarterNews

SIZE = 20
TOO_MUCH = "Cet envoi est trop lourd : une photo de 10 Mo et un document de 5 Mo au plus."


@reads(Right.READ_NEWS)
def news_list(request: Request) -> HttpResponse:
    """What is in force first, then what is to come."""
    membership, today = request.membership, timezone.localdate()
    found = NewsFilter(request.GET, membership=membership, today=today)
    rows = (
        found.narrow(QuarterNews.objects.visible_to(membership))
        .in_force_first(today)
        .select_related("party", "place")
        .prefetch_related("files")
    )
    may_post = membership.may(Right.POST_NEWS)
    waiting = 0
    if may_post and found.given.get("etat") != WAITING:
        drafts = QuarterNews.objects.visible_to(membership).filter(state=NewsState.DRAFT)
        if not membership.may(Right.MODERATE_NEWS):
            drafts = drafts.filter(party=membership.party_id)
        waiting = drafts.count()
    context = {
        "filter": found,
        "tabs": found.tabs("etat"),
        "page": page_of(rows, request.GET.get("page"), SIZE),
        "today": today,
        "waiting": waiting,
        "waiting_url": NewsFilter.address(etat=WAITING),
        "may_post": may_post,
        "address": news_address(membership.programme_id) if may_post else "",
    }
    return render(request, "news/list.html", context)


@reads(Right.READ_NEWS, of=QuarterNews)
def news_page(request: Request, news: QuarterNews) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    files = {row.kind: row for row in news.files.all()}
    context = {
        "news": news,
        "today": today,
        "is_over": news.is_over(today),
        "is_to_come": news.is_to_come(today),
        "picture": files.get(FileKind.PICTURE),
        "document": files.get(FileKind.DOCUMENT),
        "may_change": news.may_be_changed_by(membership),
        "may_withdraw": news.may_be_withdrawn_by(membership),
    }
    return render(request, "news/news.html", context)


@reads(Right.READ_NEWS, of=NewsFile)
def news_file(request: Request, row: NewsFile) -> HttpResponse:
    """The picture, small with `?taille=vignette`, or the document, which is always downloaded."""
    try:
        stored = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer: Any
    if not row.is_picture:
        name = row.name or f"information-{row.news_id}.pdf"
        answer = FileResponse(
            stored, as_attachment=True, filename=name, content_type="application/pdf"
        )
    elif request.GET.get("taille") == "vignette":
        with stored:
            answer = HttpResponse(pictures.made_small(stored), content_type="image/jpeg")
    else:
        answer = FileResponse(stored, content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@writes(Right.POST_NEWS)
def create(request: Request) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    form = NewsForm(
        resume.data_of(request), request.FILES or None, membership=membership, today=today
    )
    if request.method == "POST" and uploads.dropped(request):
        form.add_error("document", TOO_MUCH)
    if request.method == "POST" and form.is_valid():
        form.instance.uid = form.cleaned_data["uid"]
        try:
            new = actions.post_news(news=form.instance, files=form.taken, by=membership)
        except Done as already:
            messages.info(request, f"Déjà publiée : {already.row}.")
            return redirect("news_page", pk=already.row.pk)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Publiée : {new}.")
            return redirect("news_page", pk=new.pk)
    return _form(request, form)


@writes(Right.POST_NEWS, of=QuarterNews)
def edit(request: Request, news: QuarterNews) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    if not news.may_be_changed_by(membership):
        raise PermissionDenied
    typed = resume.typed_over(request, news)
    form = NewsForm(
        typed.data, request.FILES or None, instance=news, membership=membership, today=today
    )
    if request.method == "POST" and uploads.dropped(request):
        form.add_error("document", TOO_MUCH)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_news(
                news=form.instance,
                read_version=typed.version,
                fields=form.changed,
                files=form.taken,
                removed=form.removed,
                by=membership,
            )
        except Conflict as conflict:
            return _form(request, form, news=conflict.row, changed=conflict.row)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Enregistrée : {news}.")
            return redirect("news_page", pk=news.pk)
    saved = QuarterNews.objects.get(pk=news.pk)
    changed = saved if typed.is_overtaken else None
    return _form(request, form, news=saved, changed=changed, version=typed.version)


def _form(
    request: Request,
    form: NewsForm,
    *,
    news: QuarterNews | None = None,
    changed: QuarterNews | None = None,
    version: int | None = None,
) -> HttpResponse:
    """`changed`: the row as somebody else saved it meanwhile; sending again is then over that one."""
    context = {
        "form": form,
        "news": news,
        "changed": changed,
        "version": changed.version if changed else version,
        "resumed": getattr(request, "resumed", None) is not None,
        "had": form.had,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "news/form.html", context, status=status)


@writes(Right.POST_NEWS, of=QuarterNews, confirm=False)
def publish(request: Request, news: QuarterNews) -> HttpResponse:
    """In one press, what came by mail; again, what was withdrawn."""
    try:
        is_new = actions.publish_news(
            news=news, by=request.membership, today=timezone.localdate(),
            keeps_names="garder" in request.POST,
        )  # fmt: skip
    except ValidationError as error:
        if error.code == "persons":
            context = {"news": news, "said": error.messages[0]}
            return render(request, "news/publish.html", context, status=422)
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"{'Publiée' if is_new else 'Déjà publiée'} : {news}.")
    return redirect("news_page", pk=news.pk)


@writes(Right.POST_NEWS, of=QuarterNews)
def withdraw(request: Request, news: QuarterNews) -> HttpResponse:
    if not news.may_be_withdrawn_by(request.membership):
        raise PermissionDenied
    if request.method == "POST":
        try:
            actions.withdraw_news(
                news=news,
                read_version=version_in(request.POST.get("version")),
                by=request.membership,
            )
        except Conflict:
            messages.warning(
                request, "Cette information vient d’être modifiée : relisez-la, puis retirez-la."
            )
        else:
            messages.success(request, f"Retirée : {news}.")
        return redirect("news_page", pk=news.pk)
    return render(request, "news/withdraw.html", {"news": news})
