"""One small fault at a time in the text of a module."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
}  # fmt: skip
COMBINED = {
    ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"), ast.Add: ("+", "-"), ast.Sub: ("-", "+"),
}  # fmt: skip
LOOKUPS = {"__gte": "__gt", "__lte": "__lt", "__gt": "__gte", "__lt": "__lte"}
NARROWING = {"filter", "exclude"}


@dataclass(frozen=True)
class Edit:
    line: int
    start: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


class _Source:
    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = text.splitlines(keepends=True)

    def at(self, line: int, column: int) -> int:
        """`ast` counts columns in bytes."""
        within = self.lines[line - 1].encode()[:column].decode()
        return self.starts[line - 1] + len(within)

    def span(self, node: ast.expr) -> tuple[int, int]:
        return (
            self.at(node.lineno, node.col_offset),
            self.at(node.end_lineno or 0, node.end_col_offset or 0),
        )

    def between(self, left: ast.expr, right: ast.expr, sign: str, instead: str) -> Iterator[Edit]:
        start, end = self.span(left)[1], self.span(right)[0]
        found = self.text.find(sign, start, end)
        if found >= 0:
            yield Edit(left.end_lineno or 0, found, found + len(sign), instead)


def edits(text: str) -> Iterator[Edit]:
    """Every fault that can be made, in no order; what only describes is left alone."""
    source, tree = _Source(text), ast.parse(text)
    told: set[int] = set()  # annotations, docstrings and decorators: no fault of ours
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if child := getattr(node, name, None):
                told |= {id(one) for one in ast.walk(child)}
        for decorator in getattr(node, "decorator_list", []):
            told |= {id(one) for one in ast.walk(decorator)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            told.add(id(node.value))
    for node in ast.walk(tree):
        if id(node) not in told:
            yield from _of(node, source)


def _of(node: ast.AST, source: _Source) -> Iterator[Edit]:
    if isinstance(node, ast.Compare):
        for left, sign, right in zip(
            [node.left, *node.comparators], node.ops, node.comparators, strict=False
        ):
            yield from source.between(left, right, *COMPARED[type(sign)])
    elif isinstance(node, ast.BoolOp):
        signs = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from source.between(left, right, *signs)
    elif isinstance(node, ast.BinOp) and type(node.op) in COMBINED:
        yield from source.between(node.left, node.right, *COMBINED[type(node.op)])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        start, _ = source.span(node)
        yield Edit(node.lineno, start, source.span(node.operand)[0], "")
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node, source)
    elif isinstance(node, ast.Set) and len(node.elts) > 1:
        for number, one in enumerate(node.elts):
            start, end = source.span(one)
            last = number == len(node.elts) - 1
            comma = source.text.find(",", end)
            yield Edit(one.lineno, start, end if last else comma + 1, "")
    elif isinstance(node, ast.Call):
        yield from _of_call(node, source)


def _of_constant(node: ast.Constant, source: _Source) -> Iterator[Edit]:
    start, end = source.span(node)
    if isinstance(node.value, bool):
        yield Edit(node.lineno, start, end, str(not node.value))
    elif isinstance(node.value, int):
        yield Edit(node.lineno, start, end, str(node.value + 1))
    elif isinstance(node.value, str):
        for lookup, other in LOOKUPS.items():
            if node.value.endswith(lookup) and lookup in source.text[start:end]:
                found = source.text.rindex(lookup, start, end)
                yield Edit(node.lineno, found, found + len(lookup), other)


def _of_call(node: ast.Call, source: _Source) -> Iterator[Edit]:
    """A condition more or less strict; of several, one left out."""
    narrows = isinstance(node.func, ast.Attribute) and node.func.attr in NARROWING
    for number, given in enumerate(node.keywords):
        if given.arg is None:
            continue
        start, end = source.at(given.lineno, given.col_offset), source.span(given.value)[1]
        for lookup, other in LOOKUPS.items():
            if given.arg.endswith(lookup):
                name = given.arg.removesuffix(lookup) + other
                yield Edit(given.lineno, start, start + len(given.arg), name)
        if narrows and len(node.keywords) + len(node.args) > 1:
            comma = source.text.find(",", end)
            last = number == len(node.keywords) - 1
            yield Edit(given.lineno, start, end if last else comma + 1, "")
