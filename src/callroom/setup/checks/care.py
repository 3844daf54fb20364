"""What people have to see to: who is here, the first round, crisis lines, keys, mail."""

from __future__ import annotations

import hashlib
import stat
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callroom.directory import queries as directory
from callroom.improvement.readiness import held_back
from callroom.kit import keyring
from callroom.kit.apart import Access, folder_mode
from callroom.kit.wording import day_and_year, joined
from callroom.people import queries as roster
from callroom.people.roster.wording import problem_in_words
from callroom.prompts import queries as letters
from callroom.prompts.states import Arrived
from callroom.pulse import leftovers, rules
from callroom.pulse import queries as pulse
from callroom.rights import queries as rights
from callroom.setup import queries
from callroom.setup.checks import following
from callroom.setup.checks.finding import Finding, Look, confirmed, page_of, red, settled, warned
from callroom.setup.states import Topic

STALE_AFTER: Final = timedelta(days=3)
"""Of a nightly roster: a weekend, and one night more."""
SWEPT_WITHIN: Final = timedelta(days=2)
"""Since the last nightly look for what is over: a night may fail, and another one see to it."""
LEAST_PEOPLE: Final = 11
"""Fewer eligible people than this in the whole institution are never asked: PROTOCOL.md section 8."""


def residents_on(look: Look) -> int:
    """Return how many residents are eligible today."""
    return sum(len(persons) for persons in roster.eligible_on(look.day).values())


def people(look: Look) -> Finding:
    """Is there an institution with enough people to ask?"""
    if look.institution is None:
        return red(Topic.PEOPLE, _("There is no institution yet. Open the site's address: it leads through the start."))
    residents = residents_on(look)
    if residents < LEAST_PEOPLE:
        return red(
            Topic.PEOPLE,
            ngettext(
                "%(count)d resident can be asked today; who is on leave is not counted. From eleven on, people are asked.",
                "%(count)d residents can be asked today; who is on leave is not counted. From eleven on, people are asked.",
                residents,
            )
            % {"count": residents},
            reverse("setup:roster"),
        )
    return settled(
        Topic.PEOPLE,
        _("%(count)d residents can be asked today; who is on leave is not counted.") % {"count": residents},
        reverse("setup:roster"),
    )


def roster_of_the_night(look: Look) -> Finding:
    """Did the files that another system leaves in the roster's folder come, and could they be imported?"""
    folder = settings.ROSTER_DIR
    if folder is None:
        return settled(
            Topic.ROSTER, _("No folder is set: the roster is imported at the desk."), reverse("setup:roster")
        )
    if not folder.is_dir():
        return red(Topic.ROSTER, _("The folder of the roster is not there. See CALLROOM_ROSTER_DIR."))
    files = queries.night_files()
    refused = next((file for file in files if file.problems), None)
    if refused:
        return red(
            Topic.ROSTER,
            _("Nothing of %(file)s was imported. %(why)s")
            % {"file": refused.file_name, "why": problem_in_words(refused.problems[0])},
            reverse("setup:roster"),
        )
    newest = max((file.read_on for file in files), default=None)
    if newest is None or look.day - newest > STALE_AFTER:
        return red(Topic.ROSTER, _("No roster has come for days. Look at what writes it to the folder."))
    return settled(Topic.ROSTER, _("Read on %(day)s.") % {"day": day_and_year(newest)}, reverse("setup:roster"))


def schedule(look: Look) -> Finding:
    """Has somebody said when the first round opens?"""
    decision = look.decisions.get(Topic.SCHEDULE)
    if decision is None:
        return red(Topic.SCHEDULE, _("Nobody has said yet when the first round opens."), page_of(Topic.SCHEDULE))
    return settled(Topic.SCHEDULE, confirmed(decision), page_of(Topic.SCHEDULE))


def commitments(look: Look) -> Finding:
    """Does a programme stay unasked because nobody who leads it has promised anything with a date?"""
    address = reverse("improvement:waiting")
    waiting = held_back(look.now) if look.institution else frozenset()
    if not waiting:
        return settled(Topic.COMMITMENTS, _("No programme is held back."), address)
    names = joined([unit.name for unit in roster.units_tree() if unit.id in waiting])
    if not pulse.a_round_was_due(now=look.now):
        said = _("Before the first round, who leads these has to promise something with a date: %(names)s.")
        return warned(Topic.COMMITMENTS, said % {"names": names}, address)
    said = _("Not asked, because nobody who leads them has promised anything with a date: %(names)s.")
    return red(Topic.COMMITMENTS, said % {"names": names}, address)


def council(look: Look) -> Finding:
    """Is there a residents' council, or has somebody said within the year why there is none yet?"""
    if look.institution is not None and rules.council(look.institution, now=look.now) is not None:
        return settled(Topic.COUNCIL, _("It stands in the chain, with its keys."), reverse("council:council"))
    decision = look.decided(Topic.COUNCIL)
    if decision is None:
        return red(
            Topic.COUNCIL,
            _("There is no residents' council. Let the residents choose two or three people."),
            page_of(Topic.COUNCIL),
        )
    return settled(Topic.COUNCIL, confirmed(decision), page_of(Topic.COUNCIL))


def lines(look: Look) -> Finding:
    """Has somebody here tried the crisis lines within the year?"""
    overdue = directory.overdue_lines(look.day)
    if overdue:
        return red(
            Topic.LINES,
            _("Not reviewed for a year: %(names)s. Call each of them.")
            % {"names": ", ".join(dict.fromkeys(line.name for line in overdue))},
            page_of(Topic.LINES),
        )
    decision = look.decisions.get(Topic.LINES)
    if decision is None:
        return red(
            Topic.LINES,
            _("The lines are as they came with Callroom. Nobody here has tried them."),
            page_of(Topic.LINES),
        )
    return settled(Topic.LINES, confirmed(decision), page_of(Topic.LINES))


def keys(look: Look) -> Finding:
    """Is the folder of the rounds' keys as it must be, and is nothing left in it that should be gone?"""
    try:
        left = leftovers.keys_left(now=look.now)
    except keyring.NotMounted:
        if leftovers.keys_were_made():
            return red(
                Topic.KEYS, _("The volume with the keys of the rounds is not there. Unlock it; nothing is lost.")
            )
        left = ()
    if left:
        return red(
            Topic.KEYS,
            _("Keys are still there 15 minutes after their round closed: %(names)s. Look at the worker and the disk.")
            % {"names": ", ".join(left)},
        )
    folder = keyring.waves_folder()
    if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & ~folder_mode(Access.READ):
        return red(
            Topic.KEYS,
            _("Others than Callroom's own user may read the folder of the keys: set its mode to %(mode)s.")
            % {"mode": f"{folder_mode(Access.READ):04o}"},
        )
    decision = look.decided(Topic.KEYS)
    if decision is None:
        return red(
            Topic.KEYS,
            _("Nobody has confirmed in writing what must be true of the volume of the keys."),
            page_of(Topic.KEYS),
        )
    return settled(Topic.KEYS, confirmed(decision), page_of(Topic.KEYS))


def mail(look: Look) -> Finding:
    """Has a letter of ours arrived, with the settings that mail has now?"""
    if not settings.MAIL_IS_SET_UP:
        return red(
            Topic.MAIL,
            _(
                "Mail is not set up: nobody can set a forgotten password. See CALLROOM_SMTP_HOST and CALLROOM_MAIL_PROVIDER."
            ),
            page_of(Topic.MAIL),
        )
    wrong = following.problem()
    if wrong:
        return red(Topic.MAIL, wrong, page_of(Topic.MAIL))
    if following.can_follow() and not _link_arrives_as_sent(look):
        return red(Topic.MAIL, following.in_words(), reverse("prompts:times"))
    decision = look.decisions.get(Topic.MAIL)
    if decision is None:
        return red(Topic.MAIL, _("No test letter has arrived yet."), page_of(Topic.MAIL))
    if decision.said.get("settings") != mail_settings():
        return red(Topic.MAIL, _("The settings of mail have changed since the last test letter."), page_of(Topic.MAIL))
    return settled(Topic.MAIL, f"{confirmed(decision)} {following.in_words()}", page_of(Topic.MAIL))


def _link_arrives_as_sent(look: Look) -> bool:
    times = letters.times_of(look.institution) if look.institution else None
    return times is not None and times.arrived is Arrived.AS_SENT


def requests(look: Look) -> Finding:
    """Has everybody who asked about their own data had an answer in time?"""
    late = rights.overdue(look.institution, look.day) if look.institution else 0
    if late:
        return red(
            Topic.REQUESTS,
            ngettext(
                "%(count)d request about somebody's own data is past its last day.",
                "%(count)d requests about somebody's own data are past their last day.",
                late,
            )
            % {"count": late},
            reverse("rights:desk"),
        )
    return settled(Topic.REQUESTS, _("No request about somebody's own data is late."), reverse("rights:desk"))


def retention(look: Look) -> Finding:
    """Is what is over deleted every night?"""
    address = reverse("known") + "#how-long"
    sweep = rights.sweep()
    if sweep is None:
        return settled(Topic.RETENTION, _("It begins in the first night, and deletes nothing for three days."), address)
    if sweep.waits_until is not None and sweep.done_on is not None:
        return red(
            Topic.RETENTION,
            _(
                "The clock was set, or the worker was down for long: nothing is deleted before %(day)s. Look at the clock."
            )
            % {"day": day_and_year(sweep.waits_until)},
        )
    if look.day - sweep.looked_on > SWEPT_WITHIN:
        return red(
            Topic.RETENTION,
            _("Nobody has looked for what is over since %(day)s. Look at the worker.")
            % {"day": day_and_year(sweep.looked_on)},
        )
    if sweep.done_on is None:
        return settled(Topic.RETENTION, _("It has begun, and deletes nothing in its first three days."), address)
    return settled(Topic.RETENTION, _("Done on %(day)s.") % {"day": day_and_year(sweep.done_on)}, address)


def prompts(look: Look) -> Finding:
    """Are residents written to, by a link that arrives as it is sent?"""
    address = reverse("prompts:times")
    times = letters.times_of(look.institution) if look.institution else None
    if times is None:
        return red(Topic.PROMPTS, _("Nobody has said when residents are written to."), address)
    if times.arrived is None or times.arrived_on is None:
        said = _("Letters go out, but nobody has tested whether their link arrives as it was sent.")
        return red(Topic.PROMPTS, said, address)
    if times.arrived is not Arrived.AS_SENT:
        said = _("The link in letters is changed on its way (%(by)s): whoever does that learns who opens it.")
        return red(Topic.PROMPTS, said % {"by": times.arrived_by}, address)
    said = _("Letters go out, and their link arrived as it was sent on %(day)s.")
    return settled(Topic.PROMPTS, said % {"day": day_and_year(times.arrived_on)}, address)


def mail_settings() -> str:
    """Return a digest of how mail leaves; it says nothing about the password."""
    said = (settings.EMAIL_BACKEND, settings.EMAIL_HOST, str(settings.EMAIL_PORT), settings.DEFAULT_FROM_EMAIL)
    by_provider = (settings.MAIL_PROVIDER, settings.MAIL_API) if settings.MAIL_PROVIDER else ()
    return hashlib.sha256("\n".join((*said, *by_provider)).encode()).hexdigest()[:16]
