"""The help page and what keeps it on the phone. No session, no person, nothing written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from callroom.directory import queries
from callroom.kit.templatetags.kit import anonymous_static

# Somewhere harmless that opens in one step.
ELSEWHERE: Final = {"en": "https://en.wikipedia.org/", "es": "https://es.wikipedia.org/"}
KEPT_FILES: Final = (
    "kit/css/tokens.css",
    "kit/css/callroom.css",
    "kit/js/theme.js",
    "kit/img/mark.svg",
    "directory/js/help.js",
)
WORKER: Final = Path(__file__).parent / "static" / "directory" / "js" / "help-sw.js"


@require_safe
def help_page(request: HttpRequest, language: str) -> HttpResponse:
    """Show whom to call, in the language of the address."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    content = {"request": request, "help": queries.help_in(language), "elsewhere": ELSEWHERE[language]}
    return HttpResponse(render_to_string("directory/help.html", content))


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Serve the worker with the list of what it keeps; another list is another worker, so the phone updates itself."""
    pages = [f"/help/{code}/" for code, _name in settings.LANGUAGES]
    kept = json.dumps({"pages": pages, "files": [anonymous_static(name) for name in KEPT_FILES]}, sort_keys=True)
    script = WORKER.read_text(encoding="utf-8")
    version = hashlib.sha256((kept + script).encode()).hexdigest()[:16]
    head = f'const VERSION = "help-{version}";\nconst KEPT = {kept};\n'
    return HttpResponse(head + script, content_type="text/javascript; charset=utf-8")
