"""Two questions a supervisor asks: is the process alive, and can it serve?

Answered before sessions, hosts and accounts, so that neither a mail server that is down nor a
wrong Host header takes the site out of service.
"""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

ALIVE, READY = "/sante/vivant", "/sante/pret"


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path.rstrip("/")
        if path == ALIVE:
            return HttpResponse("vivant", content_type="text/plain; charset=utf-8")
        if path == READY:
            return self.ready()
        return self.get_response(request)

    def ready(self) -> HttpResponse:
        """200 when the database answers and no migration is missing, otherwise 503."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if not self.migrated:
                executor = MigrationExecutor(connection)
                plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
                if plan:
                    return self.answer("migrations en attente", 503)
                self.migrated = True
        except DatabaseError:
            return self.answer("base de données injoignable", 503)
        return self.answer("prêt", 200)

    @staticmethod
    def answer(text: str, status: int) -> HttpResponse:
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
