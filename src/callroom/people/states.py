"""Kinds of units and the roles that people can hold."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    """What a unit is."""

    INSTITUTION = "institution", _("institution")
    DEPARTMENT = "department", _("department")
    PROGRAMME = "programme", _("programme")
    SITE = "site", _("site")
    COMMUNITY = "community", _("community")


PARENTS: dict[UnitKind, frozenset[UnitKind]] = {
    UnitKind.INSTITUTION: frozenset(),
    UnitKind.DEPARTMENT: frozenset({UnitKind.INSTITUTION, UnitKind.DEPARTMENT}),
    UnitKind.PROGRAMME: frozenset({UnitKind.INSTITUTION, UnitKind.DEPARTMENT}),
    UnitKind.SITE: frozenset({UnitKind.INSTITUTION}),
    UnitKind.COMMUNITY: frozenset({UnitKind.INSTITUTION, UnitKind.DEPARTMENT}),
}
"""Below which kinds of unit a unit of each kind may stand."""


class Role(models.TextChoices):
    """What a person may be. ``RESIDENT`` is held by home membership in a programme, ``ANYONE`` by being signed in."""

    ANYONE = "anyone", _("anyone signed in")
    RESIDENT = "resident", _("resident")
    CHIEF = "chief", _("chief resident")
    FACULTY = "faculty", _("faculty")
    LEADER = "leader", _("leader (programme director, chair)")
    DEPUTY = "deputy", _("deputy of a leader")
    EXECUTIVE = "executive", _("executive (DIO, GMEC)")
    COORDINATOR = "coordinator", _("coordinator")
    COUNSELLOR = "counsellor", _("counsellor")
    CLINICAL_LEAD = "clinical-lead", _("clinical lead")
    PEER = "peer", _("peer supporter")
    MENTOR = "mentor", _("mentor")
    COACH = "coach", _("coach")
    TRIAGER = "triager", _("report triager")
    CUSTODIAN = "custodian", _("identity custodian")
    KEY_HOLDER = "key-holder", _("resident council key-holder")
    PRIVACY_OFFICER = "privacy-officer", _("privacy officer")
    OPERATOR = "operator", _("operator")


GRANTABLE: frozenset[Role] = frozenset(Role) - {Role.ANYONE, Role.RESIDENT}
"""Roles that a role grant can give."""

HELPING: frozenset[Role] = frozenset(
    {
        Role.COUNSELLOR,
        Role.CLINICAL_LEAD,
        Role.PEER,
        Role.MENTOR,
        Role.COACH,
        Role.TRIAGER,
        Role.CUSTODIAN,
    }
)
"""Roles that an evaluator of a person does not have towards that person."""

EVALUATING: frozenset[Role] = frozenset({Role.LEADER, Role.DEPUTY, Role.EXECUTIVE})
"""Roles that make their holder an evaluator of everybody in their unit, beside the imported assignments."""
