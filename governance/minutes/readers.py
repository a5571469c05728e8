"""Which edition somebody reads: what is confidential stays among those who sit there."""

from typing import Any

from governance.rights import Ground
from governance.scoping import Reader

from .content import without_confidential
from .models import Minutes
from .shown import dated


def reads_all(minutes: Minutes, reader: Reader) -> bool:
    if Ground.PROGRAMME in reader.grounds:
        return True
    if Ground.SEAT not in reader.grounds:
        return False
    seated = Minutes.scope.on_ground(Ground.SEAT, reader, Minutes)
    return seated is not None and Minutes.objects.filter(seated, pk=minutes.pk).exists()


def shown(minutes: Minutes, *, whole: bool) -> dict[str, Any]:
    """The kept content for a template."""
    content = minutes.content if whole else without_confidential(minutes.content)
    return dated(content)
