"""The one entry: anonymous paths go to a handler of their own, everything else to Django's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string
from whitenoise import WhiteNoise

from callroom.kit import apart, errands
from callroom.kit.anonymous import AnonymousHandler, not_read
from callroom.kit.bodies import Bodies, NotRead
from callroom.kit.headers import of_static_file

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callroom.site.settings")
ANONYMOUS_PATHS = ("/w/", "/help/")

signed_in = get_wsgi_application()
# It reads models, which are there only now.
machine_doors = import_string("callroom.site.health.DOORS")
if apart.is_web():
    errands.sent_by(import_string("callroom.site.schedule.carry"))
anonymous = AnonymousHandler()
bodies = Bodies()


def dispatch(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Read what the request brings, then send it through the door that its path names."""
    try:
        bodies.read_ahead(environ)
    except NotRead as error:
        return not_read(error.status, start_response)
    machines = machine_doors.get(environ.get("PATH_INFO", ""))
    if machines is not None:
        alive: Iterable[bytes] = machines(environ, start_response)
        return alive
    handler: Any = anonymous if environ.get("PATH_INFO", "").startswith(ANONYMOUS_PATHS) else signed_in
    answer: Iterable[bytes] = handler(environ, start_response)
    return answer


def _forever(path: str, url: str) -> bool:
    # The manifest storage puts a hash of 12 hex digits before the ending.
    parts = url.rsplit("/", 1)[-1].split(".")
    return len(parts) > 2 and len(parts[-2]) == 12 and all(digit in "0123456789abcdef" for digit in parts[-2])


application = WhiteNoise(dispatch, max_age=60, immutable_file_test=_forever, add_headers_function=of_static_file)
if settings.STATIC_ROOT.exists():
    application.add_files(str(settings.STATIC_ROOT), prefix=settings.STATIC_URL)
    application.add_files(str(settings.STATIC_ROOT), prefix=settings.ANONYMOUS_STATIC_URL)
