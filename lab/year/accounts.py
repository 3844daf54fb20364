"""How residents come in: the letter's link, a password, a yes to the check-in; and back in, when an account knows them no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from callroom.pulse.simulation import HttpAddress, Reader, Refused
from lab import doors
from lab.year.device import Device
from lab.year.installation import Installation
from lab.year.records import Records

PASSWORD: Final = "a long sentence for the lab"


@dataclass(slots=True)
class Accounts:
    """Signing in at one installation."""

    installation: Installation
    records: Records
    _reader: Reader | None = None

    def reader(self) -> Reader:
        """Return what reads sheets at the installation's address, which is another one after each start."""
        if self._reader is None or self._reader.address.origin != self.installation.address:
            self._reader = Reader(HttpAddress(self.installation.address))
        return self._reader

    def offered(self, device: Device) -> list[dict[str, Any]]:
        """Return what is offered to a device; who is signed out signs in, and who has not said yes does."""
        if not device.client.cookie:
            device.client.cookie = self.sign_in(device.owner)
        for _attempt in range(2):
            try:
                return device.client.offered()
            except Refused as refused:
                self._open_the_way(device, refused)
        return device.client.offered()

    def _open_the_way(self, device: Device, refused: Refused) -> None:
        status = refused.reply.status
        if status == 403 and refused.reply.json().get("error") == "not-agreed":
            doors.send_form(self.reader().address, "/in/decision/", {"said": "yes"}, device.client.cookie)
            self.records.events["said yes to the check-in"] += 1
        elif status in {302, 401}:
            device.client.cookie = self.sign_in(device.owner)
        else:
            raise refused

    def sign_in(self, key: str) -> str:
        """Sign in by password; who has none any more is invited anew, as the coordinator would. Return the session."""
        self.records.events["sign-ins by password"] += 1
        try:
            return doors.enter(
                self.reader().address, "/in/sign-in/", {"login": f"{key}@lab.example", "password": PASSWORD}
            )
        except Refused:
            self.records.events["invited again, having no password any more"] += 1
            return self.follow(self.invitations([key])[key])

    def invitations(self, keys: list[str]) -> dict[str, str]:
        """Return the links of letters, by key of the roster, as ``callroom roster invite`` prints them."""
        if not keys:
            return {}
        printed = self.installation.calls("roster", "invite", *keys)
        lines = (line.split(",") for line in printed.splitlines()[1:] if line.count(",") == 2)
        return {key: urlsplit(link).path for key, _email, link in lines}

    def follow(self, path: str) -> str:
        """Follow a letter's link and set a password; return the session."""
        return doors.enter(self.reader().address, path, {"password": PASSWORD, "again": PASSWORD})
