"""``callroom reference``: write the generated reference pages."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from callroom.site import reference


class Command(BaseCommand):
    help = "Write the reference pages that are generated from the code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", type=Path, default=Path("docs/reference"), help="the folder to write into")

    def handle(self, *args: Any, **options: Any) -> None:
        reference.write(options["write"])
        self.stdout.write(f"Wrote {len(reference.PAGES)} pages into {options['write']}")
