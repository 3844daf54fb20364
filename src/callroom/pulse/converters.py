"""Parts of addresses."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter


class Sha256Converter(StringConverter):
    """``<sha256:…>``: 64 lower-case hex digits; nothing else reaches a view or a database."""

    regex = "[0-9a-f]{64}"


register_converter(Sha256Converter, "sha256")
