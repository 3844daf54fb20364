"""The steps of signing in where ours differ from allauth's."""

from __future__ import annotations

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from callroom.people.policy.second_factor import provider_asked_for_one


class SecondStep(AuthenticateStage):
    """Ask for a second factor, unless the hospital's identity provider has asked for one already."""

    def _should_handle(self, request: HttpRequest) -> bool:
        person = self.login.user
        if person is not None and provider_asked_for_one(request, person):
            return False
        return bool(super()._should_handle(request))
