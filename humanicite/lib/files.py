"""Files that belong to a row: they go once the row is gone for good."""

from typing import Any

from django.db import transaction


def remove_file(sender: type, instance: Any, **kwargs: object) -> None:
    """On `post_delete`, which cascades and deletions in bulk send as well; waits for the commit."""
    storage, name = instance.file.storage, instance.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name), robust=True)
