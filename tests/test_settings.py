"""Production is safe by default: tried in a process of its own, as an installation starts."""

import json
import os
import subprocess
import sys

import pytest

PROBE = """
import django, json
from django.conf import settings
django.setup()
from django.test import Client
client = Client(headers={"host": "example.org"})
plain = client.get("/connexion/")
secure = client.get("/connexion/", secure=True)
print(json.dumps({
    "hasher": settings.PASSWORD_HASHERS[0], "debug": settings.DEBUG, "demo": settings.DEMO,
    "redirect": [plain.status_code, plain.headers.get("Location")],
    "status": secure.status_code,
    "headers": dict(secure.headers), "csrf_secure": bool(secure.cookies["csrftoken"]["secure"]),
    "body": secure.content.decode(),
    "alive": client.get("/sante/vivant", headers={"host": "10.0.0.1"}).status_code,
}))
"""


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE],
        env=clean | {"DJANGO_SETTINGS_MODULE": "humanicite.settings"} | environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def production(tmp_path_factory) -> dict:
    database = tmp_path_factory.mktemp("production") / "db.sqlite3"
    static = tmp_path_factory.mktemp("static")
    environment = {
        "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "example.org",
        "DATABASE_URL": f"sqlite:///{database}", "STATIC_ROOT": str(static),
    }  # fmt: skip
    for command in ("migrate", "createcachetable", "collectstatic"):
        arguments = [sys.executable, "-W", "ignore", "manage.py", command, "--verbosity", "0"]
        subprocess.run(
            arguments + (["--noinput"] if command == "collectstatic" else []),
            env={"PATH": os.environ["PATH"]} | environment, check=True, timeout=120,
        )  # fmt: skip
    done = start(**environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_passwords_are_kept_by_argon2(production: dict) -> None:
    """Tests keep theirs otherwise (tests/settings.py)."""
    assert production["hasher"] == "django.contrib.auth.hashers.Argon2PasswordHasher"


def test_a_secret_key_is_required() -> None:
    done = start(ALLOWED_HOSTS="example.org")
    assert done.returncode != 0
    assert "SECRET_KEY is required" in done.stderr


def test_nothing_is_open_unless_asked(production: dict) -> None:
    assert production["debug"] is False
    assert production["demo"] is False
    assert production["redirect"] == [301, "https://example.org/connexion/"]
    assert production["csrf_secure"] is True
    assert production["status"] == 200
    assert "demo-humanicite" not in production["body"]


def test_headers(production: dict) -> None:
    headers = production["headers"]
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "object-src 'none'" in policy
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_static_files_carry_their_checksum(production: dict) -> None:
    assert "/static/css/app." in production["body"]
    assert "/static/css/app.css" not in production["body"]


def test_liveness_needs_no_host_and_no_https(production: dict) -> None:
    assert production["alive"] == 200
