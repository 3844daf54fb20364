"""
How long what is kept: every stored table in one rule, with the reason. The page, the reference and the nightly job read it.

No setting makes a period longer: decision 0016.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from callroom.kit.privacy import FieldPrivacy
from callroom.pulse.actions.forgetting import GONE_AT_CLOSING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

RECORD_KEPT: Final = timedelta(days=365)
TIES_KEPT: Final = timedelta(days=365)
REQUEST_KEPT: Final = timedelta(days=365)
TICKETS_KEPT: Final = timedelta(days=90)
LETTERS_KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of record: what it is called for readers, how long it is kept, why, and the tables it is in."""

    what: _StrPromise
    kept: _StrPromise
    why: _StrPromise
    tables: tuple[str, ...]
    after: timedelta | None = None

    def how_long(self) -> str:
        """Return how long it is kept, in the language that is active."""
        return str(self.kept) % {"days": self.after.days} if self.after else str(self.kept)

    def classes(self) -> tuple[FieldPrivacy, ...]:
        """Return the privacy classes of its fields, in the order of ``FieldPrivacy``."""
        found = {FieldPrivacy(said) for table in self.tables for said in _privacy_of(table).values()}
        return tuple(each for each in FieldPrivacy if each in found)


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        _("What you answered"),
        _("until its round closes"),
        _("From then on the sums of groups are enough. Its key is destroyed at the same time."),
        GONE_AT_CLOSING,
    ),
    Rule(
        _("For which rounds your device fetched a ticket"),
        _("%(days)d days after the round closed"),
        _("So long the published number of tickets can be compared. It does not say whether you answered."),
        ("pulse.Issued",),
        TICKETS_KEPT,
    ),
    Rule(
        _("Your yes or no to the check-in"),
        _("until the first round that closes after you have left"),
        _("By it your device is given tickets, or none."),
        ("consent.Agreement",),
    ),
    Rule(
        _("Days on which you are away"),
        _("until the last of them is over"),
        _("They are only needed for not asking you meanwhile."),
        ("people.Leave",),
    ),
    Rule(
        _("Name, address, programmes and ways in"),
        _("%(days)d days after you have left"),
        _("Who comes back is the same person; a mistake in a roster can be undone; who has left can still ask for a copy. Then "
          "all of it is deleted. Where a public promise or a signature was yours, it stays, without your name."),
        ("people.Person", "people.Membership", "people.SecondFactor"),
        RECORD_KEPT,
    ),
    Rule(
        _("Your roles, your rotations, and who evaluates you"),
        _("%(days)d days after they ended"),
        _("So long it can be understood why somebody could do what they did."),
        ("people.RoleGrant", "people.EvaluatorAssignment"),
        TIES_KEPT,
    ),
    Rule(
        _("Links and words that open a door once"),
        _("until they expire"),
        _("Of each, only a digest is stored. It is deleted the night after."),
        ("people.Invitation", "people.ResetRequest", "setup.StartCode"),
    ),
    Rule(
        _("What you asked about your own data, and the answer"),
        _("%(days)d days after it was answered or withdrawn"),
        _("So long you or the authority can come back to it. That it was answered, and when, stays in the trail."),
        ("rights.Request", "rights.DeskLetter"),
        REQUEST_KEPT,
    ),
    Rule(
        _("Which letters were handed over"),
        _("%(days)d days, and longer while a leader's answer is awaited; of letters to residents, two weeks"),
        _("So that none goes out twice. Whether you opened one is known to nobody."),
        ("watch.Digest", "improvement.Reminder", "prompts.HandedOver"),
        LETTERS_KEPT,
    ),
    Rule(
        _("Roster files and texts in work"),
        _("until they are applied, published or replaced; a roster file for a day at most"),
        _("What came of them is kept by the other lines of this list."),
        ("setup.RosterDraft", "setup.NightFile", "setup.ColumnMemory", "consent.NoticeDraft"),
    ),
    Rule(
        _("What somebody confirmed about the installation, with their name"),
        _("for good"),
        _("Somebody answers for it that keys and backups are as they must be."),
        ("setup.Decision",),
    ),
    Rule(
        _("The trail of who did what"),
        _("for good"),
        _("A trail from which rows can be taken proves nothing. It holds ids and no names: once a record is deleted, its id "
          "leads to nobody."),
        ("audit.AuditRow", "audit.AuditHead", "audit.Look"),
    ),
    Rule(
        _("The signed chain: rounds, rules, and what the council decided"),
        _("for good"),
        _("Each link carries the hash of the one before. With one missing, nobody could check the rest any more. No answer and no "
          "name stands in it."),
        (
            "pulse.ChainHeader",
            "pulse.ChainPayload",
            "pulse.RotatedKey",
            "pulse.Wave",
            "pulse.Plan",
            "pulse.SkippedWeek",
            "pulse.Freeze",
            "pulse.Confirmed",
            "council.CouncilKey",
            "council.Proposal",
            "council.Approval",
            "council.CouncilRequest",
        ),
    ),
    Rule(
        _("Results, signals, promises and published notices"),
        _("for good"),
        _("What was promised, and what came of it, can be compared over the years. They are about groups; whom a promise "
          "names as responsible, it names for good."),
        (
            "history.ImportedSurvey",
            "history.HistoricFigure",
            "watch.Signal",
            "watch.LeafEstimate",
            "watch.Watched",
            "improvement.Clock",
            "improvement.Answer",
            "improvement.Promise",
            "improvement.Delay",
            "improvement.Waiver",
            "consent.Notice",
        ),
    ),
    Rule(
        _("Units, help lines and the settings of the house"),
        _("as long as they hold"),
        _("They are about the house, and about nobody in it."),
        (
            "people.Institution",
            "people.Unit",
            "people.Persona",
            "directory.CrisisLine",
            "directory.Service",
            "prompts.PromptTimes",
            "prompts.HolidayPlace",
            "prompts.OwnDay",
            "setup.Theme",
            "setup.Heartbeat",
            "rights.Sweep",
        ),
    ),
)  # fmt: skip
"""In the order of the page. A rule test wants every table in exactly one of them."""


def _privacy_of(table: str) -> dict[str, str]:
    said: dict[str, str] = getattr(apps.get_model(table), "privacy", {})
    return said
