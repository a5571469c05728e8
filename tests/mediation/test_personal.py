"""What stands in place of a name or a flat is French: articles and prepositions agree."""

import pytest

from mediation import personal

from .phrasings import PHRASINGS


@pytest.mark.parametrize(("typed", "proposed"), PHRASINGS)
def test_a_proposal_is_french(typed: str, proposed: str) -> None:
    assert personal.replace(typed) == proposed


@pytest.mark.parametrize(("typed", "proposed"), PHRASINGS)
def test_a_proposal_identifies_nobody_and_proposes_nothing_more(typed: str, proposed: str) -> None:
    assert not personal.find(proposed)
    assert personal.replace(proposed) == proposed
