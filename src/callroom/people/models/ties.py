"""What ties persons to units and to each other, always with dates; ``to_on`` is the last day, ``None`` means open."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q

from callroom.kit.privacy import FieldPrivacy
from callroom.people.models.persons import Person
from callroom.people.models.places import Institution, Unit
from callroom.people.states import GRANTABLE, Role

M = TypeVar("M", bound=models.Model)


class Dated(models.QuerySet[M]):
    """Rows that hold from one day to another."""

    def on(self, day: date) -> Self:
        """Return the rows that hold on this day."""
        return self.filter(Q(to_on__isnull=True) | Q(to_on__gte=day), from_on__lte=day)

    def not_over(self, day: date) -> Self:
        """Return the rows that hold on this day or later."""
        return self.filter(Q(to_on__isnull=True) | Q(to_on__gte=day))


def _ends_after_it_begins(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name=name)


class Membership(models.Model):
    """
    A person belongs to a unit. ``home``: a resident counts here; a home unit is a programme.

    Not ``home`` is a rotation: who leads the unit leads the person on these days, who counts where they did before.
    """

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    home = models.BooleanField(default=True)

    objects = Dated.as_manager()

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "person": FieldPrivacy.ROSTER,
        "unit": FieldPrivacy.ROSTER,
        "from_on": FieldPrivacy.ROSTER,
        "to_on": FieldPrivacy.ROSTER,
        "home": FieldPrivacy.ROSTER,
    }

    class Meta:
        ordering = ["person", "from_on"]
        constraints = [
            _ends_after_it_begins("membership_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(home=True, to_on__isnull=True), name="one_open_home_per_person"
            ),
            models.UniqueConstraint(fields=["person", "unit", "from_on"], name="one_membership_per_start"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.unit_id}"


class Leave(models.Model):
    """A person is away. Dates only: there is no place for a reason, and the roster import refuses one."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leaves")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)

    objects = Dated.as_manager()

    privacy = {
        "id": FieldPrivacy.PERSONAL,
        "institution": FieldPrivacy.PERSONAL,
        "person": FieldPrivacy.PERSONAL,
        "from_on": FieldPrivacy.PERSONAL,
        "to_on": FieldPrivacy.PERSONAL,
    }

    class Meta:
        ordering = ["person", "from_on"]
        constraints = [
            _ends_after_it_begins("leave_ends_after_it_begins"),
            models.UniqueConstraint(fields=["person", "from_on"], name="one_leave_per_start"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} away"


class RoleGrant(models.Model):
    """A person holds a role for a unit and everything below it. Residents hold theirs by membership."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=16, choices=Role.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="role_grants")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)

    objects = Dated.as_manager()

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "person": FieldPrivacy.ROSTER,
        "role": FieldPrivacy.ROSTER,
        "unit": FieldPrivacy.ROSTER,
        "from_on": FieldPrivacy.ROSTER,
        "to_on": FieldPrivacy.ROSTER,
    }

    class Meta:
        ordering = ["person", "role", "from_on"]
        constraints = [
            _ends_after_it_begins("role_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(role__in=sorted(GRANTABLE)), name="role_can_be_granted"),
            models.UniqueConstraint(fields=["person", "role", "unit", "from_on"], name="one_grant_per_start"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} of {self.unit_id}"


class EvaluatorAssignment(models.Model):
    """One person evaluates another, and so has no helping role towards them."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    evaluator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="evaluates")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="evaluated_by")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)

    objects = Dated.as_manager()

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "evaluator": FieldPrivacy.ROSTER,
        "person": FieldPrivacy.ROSTER,
        "from_on": FieldPrivacy.ROSTER,
        "to_on": FieldPrivacy.ROSTER,
    }

    class Meta:
        ordering = ["person", "evaluator", "from_on"]
        constraints = [
            _ends_after_it_begins("evaluation_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(evaluator=F("person")), name="nobody_evaluates_themselves"),
            models.UniqueConstraint(fields=["evaluator", "person", "from_on"], name="one_assignment_per_start"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluator_id} evaluates {self.person_id}"
