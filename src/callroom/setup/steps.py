"""The words of each page on which a line of the check is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callroom.setup.states import Topic


@dataclass(frozen=True, slots=True)
class Step:
    """One page: its heading, what to know beforehand, and what its button says."""

    heading: Promise
    known: tuple[Promise, ...]
    button: Promise


STEPS: Final[Mapping[Topic, Step]] = {
    Topic.SCHEDULE: Step(
        _("When does the first round open?"),
        (
            _("Rounds open on Mondays at 06:00 and close on Sundays at 20:00. The result appears on Monday at 08:00."),
            _(
                "The keys of a round are announced up to four weeks ahead. Choose a Monday by which everybody has been "
                "invited: two weeks are a good time. The weeks before it are shown as “not asked”."
            ),
            _(
                "Small units are asked every two or four weeks. Their first round is the next one that begins on that Monday "
                "or later."
            ),
            _(
                "A first round in a week in which many rest tells little, and says little for the check-in. Choose a week in which "
                "most are there."
            ),
        ),
        _("Open the first round then"),
    ),
    Topic.COUNCIL: Step(
        _("Who holds the keys of the rules?"),
        (
            _(
                "Two or three residents, chosen by the residents, hold keys of their own. Without their signatures nobody "
                "changes the minimum, the added chance, how long what is kept, or what results are used for. They can also "
                "let the check-in rest."
            ),
            _(
                "Appoint them under “Council”. Each makes a key, and you name the council in the chain: then this line is "
                "settled. If the residents want to choose later, say so here; everybody reads that there is no council yet."
            ),
        ),
        _("There is none yet: record why"),
    ),
    Topic.LINES: Step(
        _("Does somebody answer?"),
        (
            _(
                "These numbers stand on every page. Call each line once, say that you are checking a directory, and "
                "confirm that a person answered. Do not call 911 to try it: read it at its source."
            ),
            _("The check asks again in a year."),
        ),
        _("Confirm these numbers"),
    ),
    Topic.KEYS: Step(
        _("Where the keys of the rounds lie"),
        (
            _(
                "A key on this volume opens the answers of a round while it is open, and is deleted when it closes. What "
                "was copied before cannot be deleted. So no copy may exist: this is what the promise to residents "
                "rests on."
            ),
            _("Callroom cannot see most of this by itself. Ask whoever runs the machine, then confirm it in writing."),
        ),
        _("Confirm this in writing"),
    ),
    Topic.MAIL: Step(
        _("Does a letter arrive?"),
        (
            _(
                "Callroom sends you a letter with a number. Type it here: then the mail server, the address it writes "
                "from and the way to your mailbox work."
            ),
        ),
        _("It arrived"),
    ),
    Topic.BACKUPS: Step(
        _("What would be left after a fire?"),
        (
            _(
                "Backed up are: who is here and who may do what, the published results with their chain, the trail, the "
                "decisions on these pages, and the institution's own keys."
            ),
            _("Never backed up are: the keys of the rounds, and the sealed answers of an open round."),
        ),
        _("Record this decision"),
    ),
    Topic.CHAIN: Step(
        _("A round ended by itself"),
        (
            _(
                "It was not counted: its keys were gone, or its sheet in the database was not the one that was signed. Its answers "
                "are gone; nobody has read them. Everybody reads that it is not counted, and why."
            ),
            _(
                "Neither happens by itself. Find out who can write into the database or the folder of the keys, change what they "
                "got in by, and say here what you found. The residents' council may ask for it."
            ),
        ),
        _("Keep what I found"),
    ),
    Topic.CLOCK: Step(
        _("Is the clock right?"),
        (_("Rounds open and close by this machine's clock. A time service is better than a person: ask for one."),),
        _("Confirm this"),
    ),
}
"""Lines of the check that a person settles on a page of their own, in the order in which the start goes through them."""
