"""What the trail can speak of."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tag(models.TextChoices):
    """What happened. Stored as text: a tag is never renamed, only added."""

    INSTITUTION_FOUNDED = "institution-founded", _("institution founded")
    ROSTER_IMPORTED = "roster-imported", _("roster imported")
    UNITS_IMPORTED = "units-imported", _("units imported")
    EVALUATORS_IMPORTED = "evaluators-imported", _("evaluators imported")
    ROLE_GIVEN = "role-given", _("role given")
    ROLE_ENDED = "role-ended", _("role ended")
    PERSON_INVITED = "person-invited", _("person invited")
    PASSWORD_SET = "password-set", _("password set")
    FACTOR_ADDED = "factor-added", _("second factor added")
    FACTOR_REMOVED = "factor-removed", _("second factor removed")
    CODES_RENEWED = "codes-renewed", _("new recovery codes made")
    RESET_ASKED = "reset-asked", _("new second factor asked for")
    RESET_APPROVED = "reset-approved", _("new second factor approved")
    RESET_DONE = "reset-done", _("second factors removed after approval")
    PERSON_LEFT = "person-left", _("person left")
    SESSIONS_ENDED = "sessions-ended", _("signed out everywhere")
    PLAN_MADE = "plan-made", _("leaf plan made")
    PLAN_CHANGED = "plan-changed", _("leaf plan changed at a change date")
    KEY_SHEET_SIGNED = "key-sheet-signed", _("key sheet signed")
    WAVE_SHEET_SIGNED = "wave-sheet-signed", _("wave opened and its sheet signed")
    REPLACEMENT_APPROVED = "replacement-approved", _("second ticket approved")
    WAVE_TALLIED = "wave-tallied", _("wave tallied")
    KEYS_BURNED = "keys-burned", _("wave's keys burned")
    RELEASE_PUBLISHED = "release-published", _("release published")
    WAVE_VOIDED = "wave-voided", _("wave voided")
    FREEZE_ASKED = "freeze-asked", _("freeze asked for")
    FREEZE_BEGUN = "freeze-begun", _("freeze begun: nobody is asked")
    FREEZE_ENDED = "freeze-ended", _("freeze ended")
    WEEK_SKIPPED = "week-skipped", _("week skipped")
    KEY_ROTATED = "key-rotated", _("institution's signing key changed")
    RELEASES_EXPORTED = "releases-exported", _("releases exported")
    HISTORY_IMPORTED = "history-imported", _("earlier survey imported")
    HISTORY_TAKEN_BACK = "history-taken-back", _("earlier survey taken back")
    SIGNAL_RAISED = "signal-raised", _("signal raised")
    SIGNAL_CONFIRMED = "signal-confirmed", _("signal confirmed")
    SIGNAL_ACKNOWLEDGED = "signal-acknowledged", _("signal acknowledged")
    SIGNAL_ANSWERED = "signal-answered", _("signal answered")
    SIGNAL_CLOSED = "signal-closed", _("signal closed")
    SIGNAL_WITHDRAWN = "signal-withdrawn", _("signal withdrawn")
    CLOCK_STARTED = "clock-started", _("promise clock started")
    CLOCK_ANSWERED = "clock-answered", _("promise clock answered")
    CLOCK_PASSED = "clock-passed", _("promise clock passed on")
    PROMISE_MADE = "promise-made", _("promise made")
    PROMISE_ENDED = "promise-ended", _("promise kept or not kept")
    PROMISE_DELAYED = "promise-delayed", _("promise given a new day")
    COMMITMENT_WAIVED = "commitment-waived", _("first commitment waived")
    LEADER_REMINDED = "leader-reminded", _("leader reminded")
    DIRECTORY_CHANGED = "directory-changed", _("services in the directory changed")
    LINE_REVIEWED = "line-reviewed", _("help line reviewed")
    LOOK_CHANGED = "look-changed", _("institution's colours or logo changed")
    DECISION_RECORDED = "decision-recorded", _("decision about the installation recorded")
    BACKUP_MADE = "backup-made", _("backup made")
    BACKUP_RESTORED = "backup-restored", _("backup restored")
    REQUEST_MADE = "request-made", _("request about one's own data made")
    REQUEST_TAKEN_IN = "request-taken-in", _("request about somebody's data entered at the desk")
    REQUEST_WITHDRAWN = "request-withdrawn", _("request about one's own data withdrawn")
    REQUEST_ANSWERED = "request-answered", _("request about somebody's data answered")
    COPY_TAKEN = "copy-taken", _("copy of somebody's data taken at the desk")
    DEMO_MOVED = "demo-moved", _("demo moved to another week")
    DAY_SEALED = "day-sealed", _("day's looks sealed")


SIGN_IN = "sign-in"
"""The page under which a sign-in is kept as a look."""
