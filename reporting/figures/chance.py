"""Whether two counts, or two shares, are further apart than chance alone would put them; exact tests."""

from math import comb

LEVEL = 0.05
LONGEST_SUM = 5000  # beyond, counts are compared by hundreds: the exact sum would take seconds


def exact_p(now: int, before: int) -> float:
    """How often two equal rates would give counts at least as far apart; two-sided, exact (Poisson)."""
    total = now + before
    if total == 0:
        return 1.0
    if total > LONGEST_SUM:
        scale = total / LONGEST_SUM
        now, before = round(now / scale), round(before / scale)
        total = now + before
    low = min(now, before)
    tail = sum(comb(total, k) for k in range(low + 1))
    return min(1.0, 2 * tail / 2**total)


def shares_p(part: int, whole: int, part_before: int, whole_before: int) -> float:
    """How often one and the same share would give two as far apart; two-sided, exact (Fisher)."""
    parts, total = part + part_before, whole + whole_before
    if total > LONGEST_SUM:
        scale = total / LONGEST_SUM
        return shares_p(*(round(n / scale) for n in (part, whole, part_before, whole_before)))
    if not whole or not whole_before:
        return 1.0
    ways = comb(total, parts)
    here = comb(whole, part) * comb(whole_before, part_before)
    found = 0
    for k in range(max(0, parts - whole_before), min(parts, whole) + 1):
        one = comb(whole, k) * comb(whole_before, parts - k)
        if one <= here:
            found += one
    return min(1.0, found / ways)
