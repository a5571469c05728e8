"""Invented news of the quarter: in force, to come, over, and one that came by mail."""

import uuid
from datetime import date, timedelta

from governance.models import NewsKind, NewsState, Party, Place, Programme, QuarterNews, User

# party, nature, place, title, text, first and last day from today, state
NEWS = (
    ("lille-lomme", NewsKind.WORKS, "allee-nord", "Réfection de l’éclairage de l’allée nord",
     "Les candélabres sont remplacés un à un, de 8 h à 16 h. Le passage des piétons reste ouvert.",
     -6, 15, NewsState.PUBLISHED),
    ("asl", NewsKind.ARRIVAL, "humanicite", "Ouverture d’une maison d’assistantes maternelles",
     "Quatre professionnelles s’installent ; les familles peuvent se renseigner sur place le mercredi.",
     -20, 40, NewsState.PUBLISHED),
    ("citeo", NewsKind.EVENT, "parc-capinghem", "Goûter de quartier au parc",
     "Le médiateur y tient un stand : habitants et partenaires sont les bienvenus.",
     9, 9, NewsState.PUBLISHED),
    ("capinghem", NewsKind.EVENT, "parc-capinghem", "Nettoyage participatif du parc",
     "Trente participants, deux bennes remplies.", -45, -45, NewsState.PUBLISHED),
    ("capinghem", NewsKind.OTHER, "humanicite", "Collecte des encombrants déplacée",
     "La collecte du mois prochain passe un jour plus tard, en raison du jour férié.",
     -1, 29, NewsState.DRAFT),
)  # fmt: skip


def make_news(programme: Programme, today: date) -> None:
    parties = {row.slug: row for row in Party.objects.of_programme(programme.pk)}
    places = {row.slug: row for row in Place.objects.of_programme(programme.pk)}
    authors = {
        row.memberships.all()[0].party_id: row
        for row in User.objects.filter(memberships__party__programme=programme)
        .order_by("pk")
        .prefetch_related("memberships")
    }
    for rank, (party, kind, place, title, text, first, last, state) in enumerate(NEWS):
        is_draft = state == NewsState.DRAFT
        row = QuarterNews(
            uid=uuid.uuid5(uuid.NAMESPACE_URL, f"demo-news-{rank}"),
            programme=programme,
            party=parties[party],
            kind=kind,
            place=places[place],
            title=title,
            text=text,
            starts=today + timedelta(days=first),
            ends=today + timedelta(days=last),
            state=state,
            author=None if is_draft else authors.get(parties[party].pk),
            message_id=f"<demo-news-{rank}@example.org>" if is_draft else None,
        )
        row.full_clean()
        row.save()
