"""``callroom demo``: make the demo hospital when it is not there yet, then serve it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from callroom.kit import clock
from callroom.people.models import Institution
from callroom.site.demo.create import create
from callroom.site.demo.week import marker
from callroom.site.preparation import prepare


class Command(BaseCommand):
    help = "A hospital with 40 weeks of history and no configuration. Nobody reads what is written there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", help="the folder for its data (default: CALLROOM_DATA, or ./var)")
        parser.add_argument("--no-serve", action="store_true", help="only make the data")
        parser.add_argument("--port", type=int, help="where to serve it (default: CALLROOM_PORT, or 8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(now=clock.now())
        if not marker().exists():
            if Institution.objects.exists():
                raise CommandError(
                    "This data folder holds an institution that is not the demo. Nothing was changed; name another folder with --data."
                )
            self.stdout.write("Making Hospital General San Rafael and its history ...")
            self.stdout.flush()
            with transaction.atomic():
                create(today=clock.now())
        if not options["no_serve"]:
            call_command("serve", **({"port": options["port"]} if options["port"] else {}))
