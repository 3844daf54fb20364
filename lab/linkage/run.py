"""``python -m lab.linkage.run STORE SIZE FOLDER``: one institution on one store, with Django ready before it is imported."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callroom.site.settings")
    django.setup()
    store, size, folder = sys.argv[1:]
    import_module("lab.linkage.experiment").main(store, size, Path(folder))
