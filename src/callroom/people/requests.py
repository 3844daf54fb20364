"""The request of somebody who is signed in."""

from __future__ import annotations

from django.http import HttpRequest

from callroom.people.models import Person


class Request(HttpRequest):
    """A request by a signed-in person."""

    user: Person
