"""How much a request may bring along in files, and saying so instead of failing."""

from django.core.files.storage import FileSystemStorage
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MOST_BYTES = 32 * 1024 * 1024  # of all files of one request: three photos as taken


class Limited(FileUploadHandler):
    """First of the handlers: what comes beyond the limit is read to its end and dropped.

    The request stays whole, so that the page can say what happened; a connection cut in the middle
    of a sending shows the person nothing.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.taken += len(raw_data)
        if self.taken > MOST_BYTES:
            self.request._dropped_files = True  # type: ignore[union-attr]  # carried by the request
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def dropped(request: HttpRequest) -> bool:
    """Whether files of this request were too much to take."""
    request.FILES  # noqa: B018  # reading them is what counts them
    return getattr(request, "_dropped_files", False)


class WholeFiles(FileSystemStorage):
    """A file is written whole or not at all: a disk that is full keeps no half of it."""

    def _save(self, name: str, content: object) -> str:
        try:
            return super()._save(name, content)  # type: ignore[misc]  # django-stubs leaves it out
        except OSError:
            self.delete(name)
            raise
