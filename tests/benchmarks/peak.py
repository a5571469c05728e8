"""One file of a programme's activities up to a day; prints the peak memory of the process, in kB."""

import json
import os
import resource
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "humanicite.settings"
os.environ.setdefault("HUMANICITE_DEMO", "1")
import django

django.setup()

from django.http import QueryDict  # noqa: E402
from django.utils import timezone  # noqa: E402

from governance.models import Membership  # noqa: E402
from mediation.activities import exports  # noqa: E402
from mediation.activities.filters import ActivityFilter  # noqa: E402
from mediation.activities.views.list import OPERATOR_ORDER  # noqa: E402
from mediation.models import Activity  # noqa: E402

form, until, slug = sys.argv[1:]
reader = Membership.objects.select_related("party__programme", "user").get(
    party__programme__slug=slug, role="coordination"
)
found = ActivityFilter(QueryDict(f"au={until}"), membership=reader, today=timezone.localdate())
rows = found.narrow(Activity.objects.visible_to(reader))
with exports.write(OPERATOR_ORDER.order(rows), found, form) as file:
    size = file.seek(0, os.SEEK_END)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stdout.write(json.dumps({"peak": peak, "bytes": size}))
