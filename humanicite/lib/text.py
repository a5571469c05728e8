"""Words made comparable: no accents, no capitals, one kind of apostrophe."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "ʼ": "'", "ß": "ss"})


def fold(text: str) -> str:
    """« Éclairage  éteint » → « eclairage eteint »; what is searched and what is sought alike."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def printable(text: str) -> str:
    """Without the control characters that a copied text may bring; line breaks and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)'")
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words to seek, folded; of « l’éclairage », not the article."""
    return list(dict.fromkeys(_WORD.findall(_ELIDED.sub(" ", fold(text)))))


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word
