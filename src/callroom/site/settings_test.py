"""Settings for pytest only: throw-away folders, a fast password hash, plain static files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Always a new one: the workers of a run inherit what its controller, which reads this file first, had here.
os.environ["CALLROOM_DATA"] = tempfile.mkdtemp(prefix="callroom-test-")
os.environ["CALLROOM_HTTP"] = "1"

from callroom.site.settings import *  # noqa: F403
from callroom.site.settings import DATA_DIR, DATABASES, STATIC_ROOT, STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is missing
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SECRET_KEY = "for-tests-only-" + "x" * 40
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
if not os.environ.get("CALLROOM_DATABASE_URL"):
    # Files, not memory: the stores' own pragmas and several connections are part of what is tested.
    for alias, database in DATABASES.items():
        database["TEST"] = {"NAME": str(Path(DATA_DIR) / f"test-{alias}.sqlite3")}
