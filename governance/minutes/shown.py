"""Kept minutes as templates show them: days are days again."""

from datetime import date
from typing import Any


def dated(content: dict[str, Any]) -> dict[str, Any]:
    """The same content with dates, and the points numbered."""
    return content | {
        "day": date.fromisoformat(content["day"]),
        "items": [
            row | {"number": number, "actions": [_due(one) for one in row["actions"]]}
            for number, row in enumerate(content["items"], 1)
        ],
        "earlier": [_due(one) for one in content["earlier"]],
        "actions": [
            _due(one) | {"point": row["title"]}
            for row in content["items"]
            for one in row["actions"]
        ],
    }


def _due(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"due_on": date.fromisoformat(row["due_on"])}
