"""What is stored about clocks, answers and promises. Everything here but letters is read by the whole institution."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from callroom.improvement.states import AnswerKind, AskedThrough, Cause, ClockState, Letter, PromiseState
from callroom.kit.privacy import FieldPrivacy
from callroom.people.models import Institution, Person, Unit

LONGEST_TEXT = 400


class Clock(models.Model):
    """
    A published result that waits for the answer of those who lead.

    ``unit`` owes the answer and never changes; ``holder`` is where the clock lies: another unit once it was passed on.
    ``covers``: the programmes whose results it is about. ``asked_unit`` and ``asked_through`` say who is asked today.
    """

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    covers = models.ManyToManyField(Unit, related_name="+")
    cause = models.CharField(max_length=16, choices=Cause.choices)
    signal = models.CharField(max_length=120, blank=True, default="", help_text="the decline that started it")
    state = models.CharField(max_length=16, choices=ClockState.choices, default=ClockState.RUNNING)
    started_on = models.DateField()
    due_on = models.DateField(help_text="the last day on which an answer is in time")
    results_until = models.DateField(help_text="Monday of the latest week that it is about")
    holder = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    asked_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    asked_through = models.CharField(max_length=16, choices=AskedThrough.choices)
    ended_on = models.DateField(null=True, blank=True)
    days_late = models.PositiveSmallIntegerField(default=0, help_text="once answered")
    changed_at = models.DateTimeField()

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "unit": FieldPrivacy.PUBLIC,
        "covers": FieldPrivacy.PUBLIC,
        "cause": FieldPrivacy.PUBLIC,
        "signal": FieldPrivacy.PUBLIC,
        "state": FieldPrivacy.PUBLIC,
        "started_on": FieldPrivacy.PUBLIC,
        "due_on": FieldPrivacy.PUBLIC,
        "results_until": FieldPrivacy.PUBLIC,
        "holder": FieldPrivacy.PUBLIC,
        "asked_unit": FieldPrivacy.PUBLIC,
        "asked_through": FieldPrivacy.PUBLIC,
        "ended_on": FieldPrivacy.PUBLIC,
        "days_late": FieldPrivacy.PUBLIC,
        "changed_at": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["-started_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(state="running"), name="one_open_clock_per_unit"),
            models.CheckConstraint(condition=Q(due_on__gte=F("started_on")), name="clock_is_due_after_its_start"),
            models.CheckConstraint(
                condition=Q(state="running", ended_on__isnull=True) | Q(state="answered", ended_on__isnull=False),
                name="answered_clock_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"clock of {self.unit_id} since {self.started_on}"

    def is_late(self, day: date) -> bool:
        """Return whether it waits although its time is over."""
        return self.state == ClockState.RUNNING and day > self.due_on


class Answer(models.Model):
    """What leaders said to a clock. ``language`` is the one it was written in."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=16, choices=AnswerKind.choices)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    heard = models.CharField(max_length=LONGEST_TEXT, blank=True, default="", help_text="what the leaders heard")
    because = models.CharField(max_length=LONGEST_TEXT, blank=True, default="")
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True, help_text="of a clock that was passed on")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_on = models.DateField()

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "clock": FieldPrivacy.PUBLIC,
        "kind": FieldPrivacy.PUBLIC,
        "language": FieldPrivacy.PUBLIC,
        "heard": FieldPrivacy.PUBLIC,
        "because": FieldPrivacy.PUBLIC,
        "from_unit": FieldPrivacy.PUBLIC,
        "to_unit": FieldPrivacy.PUBLIC,
        "due_on": FieldPrivacy.PUBLIC,
        "by": FieldPrivacy.ROSTER,
        "said_on": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=~Q(kind="passed"), name="a_clock_is_answered_once"),
            models.CheckConstraint(
                condition=Q(kind="passed", to_unit__isnull=False, due_on__isnull=False)
                | (~Q(kind="passed") & Q(to_unit__isnull=True, due_on__isnull=True)),
                name="only_what_is_passed_on_has_a_receiver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.clock_id}"


class Promise(models.Model):
    """Something that leaders said they will do, by a day. Without an answer it is a first commitment."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, null=True, blank=True, related_name="promises")
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    heard = models.CharField(max_length=LONGEST_TEXT, blank=True, default="")
    what = models.CharField(max_length=LONGEST_TEXT)
    who = models.CharField(max_length=120, help_text="a role, or a member of staff")
    made_on = models.DateField()
    due_on = models.DateField(help_text="the day that holds now")
    state = models.CharField(max_length=16, choices=PromiseState.choices, default=PromiseState.OPEN)
    ended_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=LONGEST_TEXT, blank=True, default="", help_text="said at the end")
    outcome_language = models.CharField(
        max_length=2, choices=settings.LANGUAGES, blank=True, default="", help_text="of the outcome; empty: as the rest"
    )
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "unit": FieldPrivacy.PUBLIC,
        "answer": FieldPrivacy.PUBLIC,
        "language": FieldPrivacy.PUBLIC,
        "heard": FieldPrivacy.PUBLIC,
        "what": FieldPrivacy.PUBLIC,
        "who": FieldPrivacy.PUBLIC,
        "made_on": FieldPrivacy.PUBLIC,
        "due_on": FieldPrivacy.PUBLIC,
        "state": FieldPrivacy.PUBLIC,
        "ended_on": FieldPrivacy.PUBLIC,
        "outcome": FieldPrivacy.PUBLIC,
        "outcome_language": FieldPrivacy.PUBLIC,
        "by": FieldPrivacy.ROSTER,
        "changed_at": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("made_on")), name="promise_is_due_after_it_is_made"),
            models.CheckConstraint(
                condition=Q(state="open", ended_on__isnull=True) | (~Q(state="open") & Q(ended_on__isnull=False)),
                name="ended_promise_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"promise {self.pk} of {self.unit_id}"


class Delay(models.Model):
    """A promise got a new day, and why. It stays beside the promise for good."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="delays")
    old_due_on = models.DateField()
    new_due_on = models.DateField()
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    reason = models.CharField(max_length=LONGEST_TEXT)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_on = models.DateField()

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "promise": FieldPrivacy.PUBLIC,
        "old_due_on": FieldPrivacy.PUBLIC,
        "new_due_on": FieldPrivacy.PUBLIC,
        "language": FieldPrivacy.PUBLIC,
        "reason": FieldPrivacy.PUBLIC,
        "by": FieldPrivacy.ROSTER,
        "said_on": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(new_due_on__gt=F("old_due_on")), name="delay_is_to_a_later_day"),
        ]

    def __str__(self) -> str:
        return f"promise {self.promise_id} moved to {self.new_due_on}"


class Waiver(models.Model):
    """A unit is asked for the first time although nobody has committed to anything yet. Everybody reads why."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="+")
    reason_en = models.CharField(max_length=200)
    reason_es = models.CharField(max_length=200)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_on = models.DateField()

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "unit": FieldPrivacy.PUBLIC,
        "reason_en": FieldPrivacy.PUBLIC,
        "reason_es": FieldPrivacy.PUBLIC,
        "by": FieldPrivacy.ROSTER,
        "said_on": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["unit"]

    def __str__(self) -> str:
        return f"{self.unit_id} waived"


class Reminder(models.Model):
    """A letter about a clock: written once for each person and kind, sent as soon as mail goes out."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="reminders")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    letter = models.CharField(max_length=16, choices=Letter.choices)
    holder = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", help_text="where the clock lay then")
    written_on = models.DateField()
    sent = models.BooleanField(default=False)

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "clock": FieldPrivacy.ROSTER,
        "person": FieldPrivacy.ROSTER,
        "letter": FieldPrivacy.ROSTER,
        "holder": FieldPrivacy.ROSTER,
        "written_on": FieldPrivacy.ROSTER,
        "sent": FieldPrivacy.ROSTER,
    }

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "person", "letter", "holder"],
                condition=~Q(letter="coordinator"),
                name="one_letter_of_each_kind",
            ),
            models.UniqueConstraint(
                fields=["clock", "person", "written_on"],
                condition=Q(letter="coordinator"),
                name="the_coordinator_asks_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} to {self.person_id}"
