"""What a page says of going back to an earlier version (R73)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.utils import timezone

from governance.access.requests import Request

from .back import Return
from .followed import Past

CHANGED = "modifiée entre-temps : rien n’a été remplacé, la voici telle qu’elle est."


def moment_of(version: Past) -> str:
    return f"{timezone.localtime(version.history_date):%d/%m/%Y à %H:%M}"


def show_messages(request: Request, back: Return) -> None:
    for said_ in back.said:
        messages.warning(request, said_)


def show_refusal(request: Request, error: ValidationError) -> None:
    messages.error(request, f"Rien n’a changé. {' '.join(error.messages)}")
