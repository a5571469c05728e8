"""A hundred different editions, drawn by one process and by two (target 6 of `make bench`)."""

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

from django.db import connections
from django.utils import timezone

from governance.models import Perimeter
from reporting.periods import Period
from reporting.syntheses import edition
from reporting.syntheses.batch import drawers
from reporting.syntheses.document import compose, gather

EDITIONS = 100
FEW = 10  # after which a worker's memory is its level


def different(seed: int) -> list[edition.Synthesis]:
    """Editions of several perimeters and months, each with words of its own."""
    draw, now = random.Random(seed), timezone.now()
    perimeters = list(Perimeter.objects.select_related("party__programme").order_by("pk"))
    months = Period.holding("mois", timezone.localdate()).previous.months_until_end(3)
    bases = [
        compose(gather(where, month, timezone.localdate()))
        for where in perimeters
        for month in months
    ]
    made = []
    for number in range(EDITIONS):
        base = bases[number % len(bases)]
        words = " ".join("".join(draw.choices("aeilnorstu", k=7)) for _ in range(90))
        blocks = [{**block, "text": [f"{number} {words}"]} for block in base["blocks"]]
        made.append(
            edition.Synthesis({**base, "title": f"Titre {number}", "blocks": blocks}, now, 1)
        )
    return made


def _timed(made: Sequence[edition.Synthesis], processes: int) -> tuple[float, int]:
    connections.close_all()
    with drawers(processes) as draw:
        started = time.perf_counter()
        failed = sum(isinstance(one, Exception) for one in draw(made))
        return time.perf_counter() - started, failed


def _peak() -> int:
    """Of this process, in KiB."""
    for line in Path(f"/proc/{os.getpid()}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def measure(seed: int) -> list[str]:
    """Two lines of the table. Editions are made first: what is measured is the drawing."""
    made = different(seed)
    one, failed_one = _timed(made, 1)
    two, failed_two = _timed(made, 2)
    assert not failed_one + failed_two
    list(edition.one_by_one(made[:FEW]))
    level = _peak()
    list(edition.one_by_one(made))
    return [
        f"| {EDITIONS} editions, one process / two | {two:.1f} s | {one:.1f} s | {one / two:.2f} | |",
        f"| peak memory after {EDITIONS} editions / after {FEW} | {level / 1024:.0f} MiB | "
        f"{_peak() / 1024:.0f} MiB | {_peak() / level:.2f} | |",
    ]  # fmt: skip
