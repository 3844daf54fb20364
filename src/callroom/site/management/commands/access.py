"""``callroom access reset ID``: the way back in when nobody is left who could approve it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callroom.kit import clock
from callroom.people import actions, queries


class Command(BaseCommand):
    help = "Remove the second factors of a person who has lost them all, and end their sessions. Their password stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        reset = commands.add_parser(
            "reset", help="for who runs the machine; others ask on the page and are approved there"
        )
        reset.add_argument("id", metavar="ID", help="the person's id in the roster")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            people = queries.people_to_invite(queries.current_institution(), [options["id"]])
        except queries.NoInstitution as error:
            raise CommandError("There is no institution yet.") from error
        if not people:
            raise CommandError(f"Nobody here has the id {options['id']}. Nothing was changed.")
        actions.remove_all_factors(person=people[0], now=clock.now())
        self.stdout.write("Removed. They sign in with their password and set up a new second step at once.")
