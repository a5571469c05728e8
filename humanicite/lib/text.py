"""Words made comparable: no accents, no capitals, one kind of apostrophe."""

import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "ʼ": "'", "ß": "ss"})


def fold(text: str) -> str:
    """« Éclairage  éteint » → « eclairage eteint »; what is searched and what is sought alike."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def printable(text: str) -> str:
    """Without the control characters that a copied text may bring; line breaks and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
