"""Going back to a former version of a situation."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib.http import writes
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict
from mediation.history.back import NothingToUndo
from mediation.history.messages import CHANGED, moment_of, show_messages, show_refusal

from .. import undo
from ..models import Situation


@writes(Right.HANDLE_SITUATIONS, of=Situation.history.model, confirm=False)
def return_situation(request: Request, version: Any) -> HttpResponse:
    try:
        back = undo.return_situation(
            version=version,
            read_version=version_in(request.POST.get("version")),
            by=request.membership,
        )
    except NothingToUndo:
        messages.info(request, "C’est déjà fait : la situation dit déjà cela.")
    except Conflict:
        messages.warning(request, f"Cette situation a été {CHANGED}")
    except ValidationError as error:
        show_refusal(request, error)
    else:
        messages.success(request, f"Revenu à l’état du {moment_of(version)}.")
        show_messages(request, back)
    return redirect("situation", pk=version.id)
