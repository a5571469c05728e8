"""Loaded before the settings: what the tests run under, whatever the shell says."""

import os

os.environ["HUMANICITE_DEMO"] = "1"  # plain http on this machine
os.environ["HUMANICITE_DEBUG"] = "0"
os.environ["SECRET_KEY"] = "for the tests only, and long enough to be a key of its own"
os.environ["ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
os.environ["DATABASE_POOL"] = "0"  # a pool would hold the test database open
os.environ["LOG_LEVEL"] = "ERROR"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop beside the test

from humanicite.settings import *  # noqa: E402, F403

MEDIA_ROOT = VAR_DIR / f"test-files-{os.getpid()}"  # noqa: F405

# Argon2 is meant to take its time, which tests of everything else would pay.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]  # noqa: F405

# A database of its own for each run, told to its workers, so that two runs do not share one. With
# SQLite a file, as in real life: threads of one test share it, each with a connection of its own.
DATABASES["default"].setdefault("TEST", {})  # noqa: F405
run = os.environ.setdefault("HUMANICITE_TEST_RUN", str(os.getpid()))
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"]["NAME"] = str(VAR_DIR / f"tests-{run}.sqlite3")  # noqa: F405
else:
    DATABASES["default"]["TEST"]["NAME"] = f"test_humanicite_{run}"  # noqa: F405
