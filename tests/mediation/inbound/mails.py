"""Mails written and fetched, at a real IMAP server."""

import io
import os
from email.message import EmailMessage
from typing import Any

from django.core.management import call_command
from PIL import Image

from mediation.models import (
    Recipient,
)
from mediation.signalements.links import reply_address

from ...lib.test_inbound import QUOTED

ADDRESS = "reponses@example.org"


def fetch() -> str:
    said = io.StringIO()
    call_command("fetch_replies", stdout=said)
    return said.getvalue().strip()


def reply(
    recipient: Recipient, text: str = "Bien noté, on passe mardi.", **headers: Any
) -> EmailMessage:
    """As the recipient's mail program writes it; `headers` of None are left out."""
    mail = EmailMessage()
    said = {
        "From": f"Voirie <{recipient.email}>", "To": reply_address(recipient),
        "Subject": "Re: Signalement 2026-1 : éclairage éteint",
        "Message-ID": f"<{os.urandom(6).hex()}@example.org>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    for name, value in said.items():
        if value is not None:
            mail[name] = value
    mail.set_content(f"{text}\n\nLe 16 mars 2026 à 09:12, Médiation a écrit :{QUOTED}")
    return mail


def picture(width: int = 800, height: int = 600, kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(written, kind)
    return written.getvalue()


def of(recipient: Recipient, raw: bytes) -> bytes:
    return raw.replace(b"Voirie@Example.org", recipient.email.encode())
