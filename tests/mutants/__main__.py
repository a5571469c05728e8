"""Which small faults no test sees: `make mutants`, or `python -m tests.mutants --most 20 --only rights`.

Our own, and small: mutmut 3 makes no fault in a function that is decorated nor outside of functions,
which is where properties, actions (`transaction.atomic`) and the tables of states and rights stand.
Each fault is made in a copy of the project, where the tests named for its module are run. What
survives is printed; whether it matters is for a reader to say.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutants.edits import Edit, edits

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "staticfiles", "__pycache__", ".*_cache")
MEDIATION = "tests/mediation"
TARGETS = {
    "governance/scoping.py": ["tests/governance/test_scoping.py", "tests/test_walk_models.py",
                              f"{MEDIATION}/situations", f"{MEDIATION}/roadmaps",
                              f"{MEDIATION}/signalements/test_page.py"],
    "governance/rights.py": ["tests/governance/access", "tests/test_walk_routes.py"],
    "mediation/signalements/models/signalements.py": [f"{MEDIATION}/signalements",
                                                      f"{MEDIATION}/followup"],
    "mediation/signalements/models/recipients.py": [f"{MEDIATION}/signalements",
                                                    f"{MEDIATION}/followup", f"{MEDIATION}/answers"],
    "reporting/figures/activities.py": ["tests/reporting/figures"],
    "reporting/figures/hours.py": ["tests/reporting/figures"],
    "reporting/figures/signalements.py": ["tests/reporting/figures"],
    "humanicite/lib/mail/sending.py": ["tests/lib/test_mail.py", f"{MEDIATION}/signalements/emails"],
    "humanicite/lib/mail/verdicts.py": ["tests/lib/test_mail.py",
                                        f"{MEDIATION}/signalements/emails"],
}  # fmt: skip


def passes(copy: Path, tests: list[str], minutes: float) -> bool:
    """Whether the tests see nothing; one that goes on for ever has seen something."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "--tb=no", "-p", "no:cacheprovider",
               "--reuse-db", *tests]  # fmt: skip
    environment = os.environ | {"HUMANICITE_TEST_RUN": "mutants", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            capture_output=True,
            timeout=minutes * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def chosen(only: str, most: int, seed: int) -> list[tuple[str, Edit]]:
    """At most so many, as many of each module where there are enough."""
    pick, found = random.Random(seed), []
    for path in TARGETS:
        if only in path:
            all_of_it = list(edits((ROOT / path).read_text()))
            pick.shuffle(all_of_it)
            found.append([(path, edit) for edit in all_of_it])
    turns = [
        each[n] for n in range(max(map(len, found), default=0)) for each in found if n < len(each)
    ]
    return turns[:most] if most else turns


def main() -> None:
    options = argparse.ArgumentParser(prog="make mutants")
    options.add_argument("--only", default="", help="modules whose path holds this")
    options.add_argument("--most", type=int, default=100, help="faults to try; 0: all")
    options.add_argument("--seed", type=int, default=1, help="which of them")
    options.add_argument("--minutes", type=float, default=10, help="for the tests of one fault")
    given = options.parse_args()
    survivors, tried = 0, chosen(given.only, given.most, given.seed)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        (copy / "var").mkdir()
        (copy / ".venv").symlink_to(ROOT / ".venv")
        for path, edit in tried:
            source = (ROOT / path).read_text()
            (copy / path).write_text(edit.applied(source))
            alive = passes(copy, TARGETS[path], given.minutes)
            (copy / path).write_text(source)
            survivors += alive
            line = source.splitlines()[edit.line - 1].strip()
            said = f"{source[edit.start : edit.end]!r} → {edit.text!r}"
            sys.stdout.write(
                f"{'SURVIVES' if alive else 'killed'}  {path}:{edit.line}  {said}  in  {line}\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"{survivors} of {len(tried)} survive\n")


if __name__ == "__main__":
    main()
