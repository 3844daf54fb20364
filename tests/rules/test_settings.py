"""Statements about the settings of a real installation: cookies, headers, what is switched on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.utils.module_loading import import_string

from callroom.kit import anonymous
from tests.rules.house import ROOT

COOKIES = ("SESSION", "CSRF", "LANGUAGE")


@pytest.mark.parametrize("cookie", COOKIES)
def test_every_cookie_stays_on_the_signed_in_side(cookie: str) -> None:
    assert getattr(settings, f"{cookie}_COOKIE_PATH") == "/in/"
    assert getattr(settings, f"{cookie}_COOKIE_NAME").startswith("__Secure-")
    assert getattr(settings, f"{cookie}_COOKIE_SECURE") is True
    assert getattr(settings, f"{cookie}_COOKIE_HTTPONLY") is True
    assert getattr(settings, f"{cookie}_COOKIE_SAMESITE") == "Lax"


def test_messages_use_no_cookie_of_the_root_path() -> None:
    """Django's own cookie storage writes Path=/, which every anonymous address would be sent."""
    storage = import_string(settings.MESSAGE_STORAGE)

    assert not issubclass(storage, CookieStorage) or storage._update_cookie is not CookieStorage._update_cookie


def test_sessions_leave_no_row() -> None:
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.signed_cookies"
    assert settings.SESSION_SAVE_EVERY_REQUEST is False
    assert "django.contrib.sessions" not in settings.INSTALLED_APPS


def test_nothing_notes_when_somebody_was_here_last() -> None:
    assert not {"allauth.usersessions", "axes", "django.contrib.admin"} & set(settings.INSTALLED_APPS)


def test_the_content_policy_is_strict_on_both_sides() -> None:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    signed_in = " ".join(f"{name} {' '.join(values)}" for name, values in directives.items())
    for policy in (signed_in, anonymous.CONTENT_SECURITY_POLICY):
        assert "default-src 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "*" not in policy


def test_referrers_stay_at_home() -> None:
    assert settings.SECURE_REFERRER_POLICY == "same-origin"
    assert anonymous.HEADERS["Referrer-Policy"] == "no-referrer"


def test_nothing_is_ever_shown_to_developers() -> None:
    assert settings.DEBUG is False


def test_requests_leave_no_log_line() -> None:
    levels = {logger["level"] for logger in settings.LOGGING["loggers"].values()}

    assert levels <= {"ERROR", "CRITICAL"}
    assert settings.LOGGING["root"]["level"] in {"WARNING", "ERROR"}


def test_passwords_are_kept_as_argon2() -> None:
    from callroom.site import settings as real

    assert real.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_times_are_stored_in_utc_and_both_languages_are_on() -> None:
    assert settings.USE_TZ is True
    assert settings.TIME_ZONE == "UTC"
    assert [code for code, _ in settings.LANGUAGES] == ["en", "es"]


def test_djangos_own_check_for_a_deployment_finds_nothing(tmp_path: Path) -> None:
    """The settings as an installation has them: https, no demo."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
    (tmp_path / "static").mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env={**clean, "CALLROOM_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "callroom.site.settings",
             "PYTHONPATH": str(ROOT / "src")},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_test_workers_share_no_folder() -> None:
    """Whatever the controller of a run set before it started them."""
    print_folder = "from callroom.site import settings_test; print(settings_test.DATA_DIR)"

    def folder_of(worker: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", print_folder],
            env={**os.environ, "PYTEST_XDIST_WORKER": worker, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip

    assert len({folder_of("gw8"), folder_of("gw9"), str(settings.DATA_DIR)}) == 3
