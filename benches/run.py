"""``python -m benches.run SECTION DATABASE``: one section in this process, with Django ready before it is imported."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callroom.site.settings")
    django.setup()
    import_module(f"benches.{sys.argv[1]}").main(sys.argv[2])
