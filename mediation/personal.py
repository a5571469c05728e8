"""The check of texts that seem to identify somebody, where mediation looks for it (R25)."""

from humanicite.lib.personal import PATTERNS, Found, find, in_texts, parts, replace, said

__all__ = ["PATTERNS", "Found", "find", "in_texts", "parts", "replace", "said"]
