"""A draft edition as its party reads it, and what it says of it (R80)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.forms import add_errors, target
from humanicite.lib.http import writes
from humanicite.lib.writes import Done

from .. import actions, edition, texts
from ..document import compose, gather
from ..forms import CommentForm
from ..models import Comment, Consultation


@writes(Right.COMMENT_SYNTHESES, of=Consultation)
def consultation(request: Request, row: Consultation) -> HttpResponse:
    """The draft, as it stands now, and a form for observations."""
    perimeter, synthesis = row.perimeter, row.synthesis
    today = timezone.localdate()
    document = compose(
        gather(perimeter, synthesis.period, today, synthesis), texts.Texts.of(synthesis)
    )
    blocks = [(block["key"], block["title"]) for block in document["blocks"]]
    form = CommentForm(resume.data_of(request), blocks=blocks, instance=Comment(consultation=row))
    if request.method == "POST" and form.is_valid():
        comment = form.save(commit=False)
        comment.uid, comment.key = form.cleaned_data["uid"], form.cleaned_data["key"]
        try:
            actions.add_comment(comment=comment, by=request.membership)
        except Done:
            pass
        except ValidationError as error:
            add_errors(form, error)
        if not form.errors:
            messages.success(request, "Merci, votre observation est transmise à la coordination.")
            return redirect("consultation", row.pk)
    context = {
        "consultation": row,
        "period": synthesis.period,
        "synthesis": edition.Synthesis(document, timezone.now()),
        "document": document,
        "paper": False,
        "form": form,
        "comments": row.comments.all(),
        "titles": dict(blocks),
        "faults": [
            (target(form[name]) if name in form.fields else "", text)
            for name, errors in form.errors.items()
            for text in errors
        ],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "syntheses/consultation.html", context, status=status)
