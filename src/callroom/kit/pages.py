"""What every page shares: the doors of its navigation, "not there", where to go next, and the error pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Concatenate, Final, NoReturn, ParamSpec, TypeVar

from django.contrib import messages
from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from callroom.kit.errands import NotAnswered

Asked = TypeVar("Asked", bound=HttpRequest)
P = ParamSpec("P")
View = Callable[Concatenate[Asked, P], HttpResponse]
IN_DOCK: Final = 3
IN_BAR: Final = 6
"""Labels in Spanish are long: with a seventh the way to help would fall into a second line at 1024 px."""


@dataclass(frozen=True, slots=True)
class Door:
    """One place in the navigation. ``icon`` is a name of ``icons.ICONS``; labels are already in the page's language."""

    label: str
    address: str
    icon: str
    here: bool = False
    anonymous: bool = False
    """Does it lead to ``/w/`` or ``/help/``? Then nothing about this page is passed on to it."""


@dataclass(frozen=True, slots=True)
class House:
    """
    What base.html shows around every signed-in page; ``site`` puts it into the context as ``house``.

    ``who`` is the reader in words; ``sign_out`` an address, empty for nobody. ``notice``: the address of the privacy notice. ``style_sheet`` and ``logo``: addresses of the institution's own look. In the demo ``demo_day`` is the day that
    its clock shows, ``demo_doors`` and ``demo_console`` are addresses.
    """

    institution: str = ""
    who: str = ""
    doors: tuple[Door, ...] = ()
    sign_out: str = ""
    demo_day: str = ""
    demo_doors: str = ""
    demo_console: str = ""
    style_sheet: str = ""
    notice: str = ""
    logo: str = ""

    @property
    def dock(self) -> tuple[Door, ...]:
        """Return the first three doors: a phone has room for these and for help."""
        return self.doors[:IN_DOCK]

    @property
    def bar(self) -> tuple[Door, ...]:
        """Return the doors for which the bar of a wide screen has room: all, or the first of too many."""
        return self.doors if len(self.doors) <= IN_BAR else self.doors[: IN_BAR - 1]

    @property
    def more(self) -> tuple[tuple[Door, bool], ...]:
        """Return the doors that a phone's dock leaves out, each with whether a wide screen's bar has it."""
        return tuple((door, door in self.bar) for door in self.doors[IN_DOCK:])

    @property
    def bar_has_all(self) -> bool:
        """Return whether a wide screen needs no list of more doors."""
        return self.bar == self.doors


def with_here(doors: Iterable[Door], path: str) -> tuple[Door, ...]:
    """
    Return the doors with the one marked that holds this path; the longest address that fits wins.

    The first door is the home page: it holds its own address and nothing below.
    """
    known = tuple(doors)
    fitting = [door.address for door in known[1:] if path.startswith(door.address)]
    fitting += [door.address for door in known[:1] if path == door.address]
    here = max(fitting, key=len, default=None)
    return tuple(replace(door, here=door.address == here) for door in known)


def not_there(why: str = "") -> NoReturn:
    """
    Answer as if the thing did not exist: "not yours" looks like "not there".

    :raises Http404: always; ``why`` is for the test's reader and never reaches the page
    """
    raise Http404(why)


ONWARD = "onward"
"""In the session of who is led through several pages: the address of the page that leads them."""


def led_onward(request: HttpRequest, fallback: str) -> str:
    """Return where a page goes when its work is done: back to what leads this reader, else to the fallback."""
    leading: str = request.session.get(ONWARD, "")
    return leading or fallback


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Return the address this form asked to go to afterwards, if it is one of ours under ``/in/``; else the fallback."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/in/")
    return wanted if ours else fallback


def answered_in_time(back: str) -> Callable[[View[Asked, P]], View[Asked, P]]:
    """Let a view that sends an errand go back to the page of this name when the worker does not answer, and say so."""

    def decorate(view: View[Asked, P]) -> View[Asked, P]:
        @wraps(view)
        def answered(request: Asked, /, *args: P.args, **given: P.kwargs) -> HttpResponse:
            try:
                return view(request, *args, **given)
            except NotAnswered:
                said = gettext(
                    "The worker has not answered yet. Look here again in a minute: what you asked for may be done by then. "
                    "If it is not, tell whoever runs the machine."
                )
                messages.warning(request, said)
                return redirect(back)

        return answered

    return decorate


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Show that the request could not be understood (400), or that this site has no such address."""
    if isinstance(exception, DisallowedHost):
        return _error(
            request,
            400,
            gettext(
                "Whoever runs it opens an address whose name is in the setting CALLROOM_HOSTS, or adds this one there."
            ),
        )
    return _error(request, 400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Show that this may not be done here (403)."""
    return _error(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Show that nothing is here, or nothing for this reader (404)."""
    return _error(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    """Show that something broke on our side (500)."""
    return _error(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show that a form came back without its proof of origin, and how to send it again (403)."""
    return _error(request, 403, why=gettext("The form was open for too long, or cookies are switched off."))


def _error(request: HttpRequest, status: int, why: str = "") -> HttpResponse:
    """Render without a request: no context processor runs, so no session and no database is touched."""
    anonymous = request.path.startswith(("/w/", "/help/"))
    layout = "kit/anonymous.html" if anonymous else "base.html"
    body = render_to_string(f"errors/{status}.html", {"layout": layout, "why": why})
    response = HttpResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    if not anonymous:
        # Said always, so that a refusal, which looked at the session, differs in nothing from a page that is not there.
        response["Vary"] = "Accept-Language, Cookie"
    return response
