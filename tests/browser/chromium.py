"""Which browser, how it starts, and the two sizes everything is looked at."""

import os
import shutil

CHROMIUM = os.environ.get("CHROMIUM") or next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    "chromium",
)  # fmt: skip
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic", "--disable-default-apps",
]  # fmt: skip
PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 900}
