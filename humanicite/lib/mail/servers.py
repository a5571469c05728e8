"""The servers that mails are handed to: SMTP with a bounded patience, or the console."""

import smtplib
from typing import Any

from django.core.mail import EmailAttachment, EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.console import EmailBackend as ConsoleBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from .sending import PATIENCE


class _Patient(smtplib.SMTP):
    """Waits longer once the server has asked for the mail itself."""

    patience = PATIENCE

    def getreply(self) -> tuple[int, bytes]:
        code, said = super().getreply()
        if self.sock is not None:
            self.sock.settimeout(self.patience if code == 354 else self.timeout)
        return code, said


class _PatientSsl(_Patient, smtplib.SMTP_SSL):
    pass


CALENDAR = "text/calendar; method="  # the type of a file that calendars are to find


def show_calendar(message: EmailMessage) -> None:
    """An invitation is one more form of the text, by which programs offer to accept it, and a file for
    those that do not (RFC 6047, 2.4)."""
    for number, file in enumerate(message.attachments):
        if not isinstance(file, tuple) or not str(file[2]).startswith(CALENDAR):
            continue
        name, content, kind = file
        text = content.decode() if isinstance(content, bytes) else str(content)
        if isinstance(message, EmailMultiAlternatives):
            message.attach_alternative(text, str(kind))
        message.attachments[number] = EmailAttachment(name, text.encode(), "application/ics")


class Smtp(SmtpBackend):
    """Django's, with two waits in the place of one: `timeout`, then `patience`."""

    patience = PATIENCE

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _PatientSsl if self.use_ssl else _Patient

    def _send(self, email_message: EmailMessage) -> bool:
        show_calendar(email_message)
        server: Any = self.connection
        server.patience = self.patience
        return bool(super()._send(email_message))  # type: ignore[misc]  # django-stubs leaves it out


class Console(ConsoleBackend):
    """Prints what a reader would see: a mail's source, with its PDF, is of no use on a terminal."""

    def write_message(self, message: EmailMessage) -> None:
        lines = [
            f"To: {', '.join(message.recipients())}",
            f"Subject: {message.subject}",
            "",
            str(message.body),
            *(f"[{file[0]}]" for file in message.attachments if isinstance(file, tuple)),
            "-" * 79,
        ]
        self.stream.write("\n".join(lines) + "\n")
