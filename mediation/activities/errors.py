"""What may come between a form that was read and its saving."""

from .models import Activity


class AlreadyLogged(Exception):
    """The same form was sent twice; `activity` is what the first sending saved."""

    def __init__(self, activity: Activity) -> None:
        super().__init__(str(activity.uid))
        self.activity = activity


class DeletedMeanwhile(Exception):
    """Somebody removed the row since it was read."""


class ChangedMeanwhile(Exception):
    """Somebody saved the row since it was read; `activity` is as it stands now."""

    def __init__(self, activity: Activity) -> None:
        super().__init__(str(activity.pk))
        self.activity = activity
