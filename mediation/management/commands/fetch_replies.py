"""`fetch_replies`: mails that answer signalements, from the mailbox to their signalements (R72)."""

import hashlib
import logging
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from humanicite.lib.mail import imap
from humanicite.lib.mail.inbound import read
from mediation.inbound.actions import refuse, take

log = logging.getLogger(__name__)
HEAVY = "Courriel de plus de 25 Mo : seul son début est repris."
FAILED = "Ce courriel n’a pas pu être repris : ouvrez-le dans la boîte elle-même."


class Command(BaseCommand):
    help = (
        "Takes in the mails of IMAP_URL that were not read yet: replies, automatic answers, mails "
        "that came back. Each is marked as read once it is saved, so that a run that is killed, or "
        "two at once, lose none and take none twice."
    )

    def handle(self, *args: object, **options: object) -> None:
        if not settings.IMAP_URL:
            raise CommandError("IMAP_URL is not set: no mailbox to read.")
        done: Counter[str] = Counter()
        try:
            with imap.open_mailbox(settings.IMAP_URL) as box:
                for uid in imap.unseen(box):
                    done[self._one(box, uid)] += 1
        except imap.MailboxAway as error:
            raise CommandError(str(error)) from error
        finally:
            if done:
                self.stdout.write(", ".join(f"{name}: {n}" for name, n in sorted(done.items())))

    def _one(self, box: Any, uid: str) -> str:
        fetched = imap.fetch(box, uid)
        if fetched is None:
            return "gone"
        raw, whole = fetched.raw, fetched.whole
        # A mailbox that is read late delays nobody: what counts is when the mail was there.
        arrived = min(fetched.arrived or timezone.now(), timezone.now())
        try:
            incoming = read(raw, whole=whole)
            if not whole:
                incoming.notes.insert(0, HEAVY)
            mail = take(incoming, now=arrived)
        except (OperationalError, InterfaceError, OSError):
            # The database or the disk: another time. The mail stays as it is, the others go on.
            log.exception("mail %s waits", uid)
            return "postponed"
        except Exception:
            log.exception("mail %s", uid)
            digest = f"<{hashlib.sha256(raw).hexdigest()}@digest>"
            mail = refuse(digest, note=FAILED, now=arrived)
        imap.mark_seen(box, uid)
        if mail is None:
            return "known"
        return mail.state if mail.programme_id else "of no programme"
