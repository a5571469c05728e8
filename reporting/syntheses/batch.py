"""Many editions at once: drawn in parallel processes, written as they come, begun again where it stopped.

Only the drawing is shared out: it takes nearly all the time and needs no database. What a crash leaves
undone, a second run makes.
"""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from humanicite.lib.dates import NBSP

from . import actions, edition
from .models import SILENT_BATCH, MonthlySynthesis, SynthesisState

LOT = 5  # editions a transaction
# Validated and not published yet, or left half done.
WAITING = (
    Q(state=SynthesisState.VALIDATED)
    | Q(publishing_at__isnull=False)
    | (Q(state=SynthesisState.PUBLISHED) & ~Q(publishing_failed=[]))
)
STOPPED = f"La publication s’est arrêtée{NBSP}: relancez-la."
KILLED = "le processus qui la dessinait s’est arrêté"


@contextmanager
def drawers(processes: int) -> Iterator[actions.Draw]:
    """Draws in so many processes. To be entered before the database is asked anything: a connection is
    no one's but its process's, and what is forked takes along what is open."""
    if processes < 2:
        yield edition.one_by_one
        return
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        pool.submit(_ready).result()  # all are forked now

        def draw(made: Sequence[edition.Synthesis]) -> Iterator[bytes | Exception]:
            waiting = [(one, _submit(pool, one)) for one in made]
            for one, future in waiting:
                yield _result(one, future)

        yield draw


def _ready() -> bool:
    return True


def _draw(one: edition.Synthesis) -> bytes:
    return edition.to_pdf(one)


def _submit(pool: ProcessPoolExecutor, one: edition.Synthesis) -> "Future[bytes] | None":
    try:
        return pool.submit(_draw, one)
    except BrokenProcessPool:
        return None


def _result(one: edition.Synthesis, future: "Future[bytes] | None") -> bytes | Exception:
    """One that died with its process takes others along: each of them is drawn again, alone."""
    try:
        if future is not None:
            return future.result()
    except BrokenProcessPool:
        pass
    except Exception as error:
        edition.log.warning("edition of %s: %s", one.document["slug"], error)
        return error
    return _alone(one)


def _alone(one: edition.Synthesis) -> bytes | Exception:
    try:
        # A forked process leaves without closing what it took along, so that the parent's stays whole.
        with ProcessPoolExecutor(1, get_context("fork")) as pool:
            return pool.submit(_draw, one).result()
    except BrokenProcessPool:
        return RuntimeError(KILLED)
    except Exception as error:
        return error


def begin(programme_id: int, now: datetime) -> int:
    """Starts a batch of all that waits in a programme, in a process of its own; how many documents.
    0 where nothing waits, or one is at it."""
    rows = MonthlySynthesis.objects.of_programme(programme_id).filter(WAITING)
    if rows.filter(publishing_at__gt=now - SILENT_BATCH).exists():
        return 0
    idle = Q(publishing_at__isnull=True) | Q(publishing_at__lte=now - SILENT_BATCH)
    count = rows.filter(idle).update(publishing_at=now)
    if count:
        transaction.on_commit(partial(launch, programme_id))
    return count


def launch(programme_id: int) -> None:
    """The command, on its own: it outlives the request, and a server that starts anew."""
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "publish_syntheses"]
    subprocess.Popen(  # noqa: S603  # nothing of it is typed by anybody
        [*command, "--every-period", "--programme", str(programme_id)],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def publish_all(
    rows: Iterable[MonthlySynthesis],
    draw: actions.Draw,
    *,
    clock: Callable[[], datetime] = timezone.now,
    is_sent: bool = True,
) -> Iterator[tuple[MonthlySynthesis, actions.Outcome | str]]:
    """Each document in the name of who validated it, with what became of it, or what stood against it.
    How far it has come stands on the row meanwhile."""
    for row in rows:
        if row.validated_by is None:
            yield row, "who validated it is gone"
            continue
        _sign(row, clock(), [])

        def told(outcome: actions.Outcome, row: MonthlySynthesis = row) -> None:
            _sign(row, clock(), _said(outcome))

        try:
            outcome = actions.publish(
                synthesis=row, by=row.validated_by, now=clock(), is_sent=is_sent, draw=draw, lot=LOT,
                told=told,
            )  # fmt: skip
        except ValidationError as error:
            _sign(row, None, list(error.messages))
            yield row, " ".join(error.messages)
        except Exception:
            _sign(row, None, [STOPPED])
            raise
        else:
            _sign(row, None, _said(outcome))
            yield row, outcome


def _said(outcome: actions.Outcome) -> list[str]:
    return [f"{perimeter.party}\u00a0: {reason[:200]}" for perimeter, reason in outcome.failed]


def _sign(row: MonthlySynthesis, at: datetime | None, failed: list[str]) -> None:
    """Says how far a batch is, beside what the transaction holds."""
    row.publishing_at, row.publishing_failed = at, failed
    MonthlySynthesis.objects.filter(pk=row.pk).update(publishing_at=at, publishing_failed=failed)
