"""Invented syntheses: the last months published and open to their parties, no mail of them left."""

from datetime import date

import pytest
from post_office.models import Email

from reporting.demo.programme import load_demo, remove_demo
from reporting.models import Edition, MonthlySynthesis, Recommendation
from reporting.syntheses import edition

TODAY = date(2026, 3, 18)


@pytest.mark.django_db
def test_a_month_is_published_and_the_running_one_begun(monkeypatch, settings) -> None:
    settings.DEMO = True
    monkeypatch.setattr(edition, "to_pdf", lambda made: b"%PDF")
    load_demo(TODAY, published=1)
    states = dict(MonthlySynthesis.objects.monthly().values_list("month", "state"))
    assert states == {date(2026, 2, 1): "publiee", date(2026, 3, 1): "brouillon"}
    assert Edition.objects.monthly().count() == 4
    assert Edition.objects.reviews().count() == 4
    assert not Email.objects.filter(headers__icontains="syntheses").exists()
    assert set(Recommendation.objects.values_list("state", flat=True)) == {
        "proposee", "acceptee", "refusee", "faite",
    }  # fmt: skip
    assert remove_demo()
    assert not MonthlySynthesis.objects.exists()
