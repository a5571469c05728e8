"""Words on screens, where a rule holds for all of them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACEHOLDER = re.compile(r"""placeholder(?:"\s*:\s*f?|=)"([^"]*)\"""")


def test_a_placeholder_never_looks_like_a_value() -> None:
    """It begins with « ex. », but in a search box, where it says what can be searched."""
    sources = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("mediation/**/*.py"),
        *ROOT.glob("governance/**/*.py"),
        *ROOT.glob("reporting/**/*.py"),
    ]
    lines = [line for source in sources for line in source.read_text("utf-8").splitlines()]
    found = [(line, text) for line in lines for text in PLACEHOLDER.findall(line)]
    assert len(found) > 5
    wrong = [text for line, text in found if "search" not in line and not text.startswith("ex.")]
    assert not wrong, wrong
