"""From a ready installation to its first published result: leaders promise, residents say yes, a round runs, all read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playwright.sync_api import expect
from tests.journeys.machine import EmptyMachine, Stretch, Visitor
from tests.journeys.test_new_phone import HOME_SCREEN

PASSWORDS = {"elena": "tres garzas sobre el malecón", "r": "un tren que sale de noche"}
TO_LET_IN = "Tu entrada a Callroom"
WITH_A_BROWSER = ("r-000", "r-001")
MOST_TAPS, TO_THANKS, TO_ANSWER = 6, 30, 60
"""Taps and seconds from a letter's link to a resident's thanks; seconds to a leader's published answer."""
AN_IDEA = "Tener una segunda persona de guardia que llega en 30 minutos cuando se le pide, sin preguntar por qué."
SEEN = "legend => [...legend.childNodes].filter(part => !part.classList?.contains('sr')).map(part => part.textContent).join(' ')"
RESULT = "/in/results/emergency/"


@dataclass
class FirstRound:
    """What happens after the set-up, in order. Elena leads Urgencias; two of its residents have a browser here."""

    machine: EmptyMachine
    visitor: Callable[[], Visitor]
    fernando: Visitor
    monday: datetime
    elena: Visitor = field(init=False)
    residents: list[Visitor] = field(default_factory=list)
    to_thanks: Stretch = field(default_factory=Stretch)
    to_answer: Stretch = field(default_factory=Stretch)

    def __post_init__(self) -> None:
        self.elena = self.visitor()

    # --- before the round ---

    def fernando_invites_everybody(self) -> None:
        self.fernando.sees("Entradas")
        self.fernando.presses("Enviar")
        self.fernando.sees("Un paso tras otro")
        self.fernando.follows("Sigue: Primeros compromisos")

    def he_waives_the_unit_without_a_leader(self) -> None:
        self.fernando.sees("Quién no ha respondido")
        self.fernando.clicked(self.fernando.page.get_by_label("Cirugía general"))
        self.fernando.writes("Motivo, en español", "La jefatura está vacante hasta mayo")
        self.fernando.writes("Motivo, en inglés", "Nobody leads it until May")
        self.fernando.presses("Exentar del compromiso")
        self.fernando.sees("Un paso tras otro")

    def elena_comes_in_with_a_passkey(self) -> None:
        page = self.elena.page
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal"} | dict.fromkeys(
            ("hasResidentKey", "hasUserVerification", "isUserVerified"), True
        )
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.comes_in(self.elena, "elena@hospital.example", "Elena Robles", PASSWORDS["elena"])
        self.elena.sees("Mis entradas")
        self.elena.follows("Agregar una llave de acceso")
        self.elena.sees("Agregar una llave de acceso")
        self.elena.writes("Un nombre para ella", "Mi teléfono")
        self.elena.presses("Hacer la llave de acceso")
        self.elena.sees("Tus códigos de recuperación")
        self.elena.follows("Ya los tengo: seguir")

    def comes_in(self, who: Visitor, address: str, name: str, password: str) -> None:
        who.opens(self.machine.letter_to(address, TO_LET_IN))
        who.sees(f"Te damos la bienvenida, {name}")
        who.writes("Contraseña nueva", password)
        who.writes("Contraseña nueva, otra vez", password)
        who.presses("Poner la contraseña e iniciar sesión")

    def and_promises_something(self) -> None:
        page = self.elena.page
        page.goto(f"{self.machine.site.url}/in/answers/commitment/")
        self.elena.clicks += 2  # from Today to her desk and from there
        self.elena.sees("Comprométete a algo, con fecha")
        self.elena.writes("Lo que haremos", "El rol de guardias se publica seis semanas antes.")
        self.elena.writes("Para cuándo", (self.monday + timedelta(weeks=6)).date().isoformat())
        self.elena.presses("Publicar este compromiso")
        expect(page.get_by_text("Publicado. Tus residentes ya lo ven")).to_be_visible()

    def two_residents_say_yes_and_make_their_phones_ready(self) -> None:
        for number, _id in enumerate(WITH_A_BROWSER):
            resident = self.visitor()
            resident.page.add_init_script(HOME_SCREEN)  # where storage lasts, so that tickets are fetched ahead
            self.residents.append(resident)
            self.comes_in(resident, f"r{number:03}@hospital.example", f"Residente {number}", PASSWORDS["r"])
            resident.sees("¿Quieres hacer el registro, Residente?")
            resident.follows("Leer y decidir")
            resident.sees("¿Quieres hacer el registro?")
            resident.presses("Sí, quiero hacer el registro")
            resident.sees("Tu teléfono para los registros")
            resident.clicked(resident.page.locator("[data-press='mine']"))
            expect(resident.page.locator("[data-device='page'][data-showing='ready-later']")).to_be_visible()

    def and_the_others_say_yes(self) -> None:
        assert self.others("agree") == 32

    def others(self, what: str) -> int:
        ran = self.machine.python("-m", "tests.journeys.others", self.machine.site.url, what, *WITH_A_BROWSER)
        assert ran.returncode == 0, ran.stderr
        return int(ran.stdout)

    # --- the round ---

    def monday_comes_and_the_round_opens(self) -> None:
        self.machine.set_clock(self.monday)
        self.machine.wait_until(lambda: len(self.machine.open_rounds()) == 1, "the round did not open")
        # Urgencias is counted every week. Cirugía general is every two: the round that began a week ago was too early.
        (self.wave,) = self.machine.open_rounds()
        assert self.wave["wave"].startswith("pulse/")

    def the_letters_go_out(self) -> None:
        self.machine.set_clock(self.monday + timedelta(hours=3))
        self.link = self.machine.letter_to("r000@hospital.example", "El registro está abierto")

    def two_residents_answer_by_the_letters_link(self) -> None:
        """From the link to the thanks, on a phone that was set up before: all four questions are read, the rest is known."""
        for resident in self.residents:
            with resident.timed() as self.to_thanks:
                self.answers(resident)
            assert self.to_thanks.clicks <= MOST_TAPS
            assert self.to_thanks.seconds <= TO_THANKS, self.to_thanks
            expect(resident.page.locator("[data-words] li")).to_have_count(10)

    def answers(self, resident: Visitor) -> None:
        page = resident.page
        with resident.waits():
            resident.opens(self.link)
            expect(page.locator("[data-check-in][data-showing='ask']")).to_be_visible()
        for question in page.locator("fieldset.ask").all():
            resident.reads_words(question.locator("legend").evaluate(SEEN))
            resident.clicked(question.locator("label:has(> input[value='2'])"))
        with resident.waits():
            resident.clicked(page.locator("button[type='submit']"))
            expect(page.locator("[data-check-in][data-showing='sent']")).to_be_visible()

    def and_so_do_the_others(self) -> None:
        assert self.others(self.wave["wave"]) == 18

    def sunday_evening_comes_and_it_is_counted_by_itself(self) -> None:
        keys = self.machine.site.folder / "keys" / "waves" / self.wave["wave"].replace("/", "_")
        assert keys.exists()
        self.machine.set_clock(datetime.fromtimestamp(self.wave["closes_at"], self.monday.tzinfo))
        self.machine.wait_until(lambda: not keys.exists(), "the round was not counted")

    # --- the result ---

    def monday_eight_comes(self) -> None:
        self.publishes_at = self.monday.replace(hour=8, minute=0) + timedelta(weeks=1)
        self.machine.set_clock(self.publishes_at)

    def a_resident_reads_the_result(self) -> None:
        resident = self.residents[0]
        self.signs_in_again(resident, "r000@hospital.example", PASSWORDS["r"])
        resident.page.goto(self.machine.site.url + RESULT)
        resident.clicks += 1
        resident.sees("Urgencias")
        self.read = self.figure_on(resident)

    def figure_on(self, who: Visitor) -> str:
        return who.page.get_by_text(re.compile("^Última cifra: ")).first.inner_text()

    def signs_in_again(self, who: Visitor, address: str, password: str) -> None:
        who.page.context.clear_cookies()  # a session ends after two weeks
        who.page.goto(f"{self.machine.site.url}/in/")
        who.sees("Iniciar sesión")
        who.writes("Correo electrónico", address)
        who.writes("Contraseña", password)
        who.presses("Iniciar sesión")

    def elena_answers_from_the_letter_and_reads_the_same(self) -> None:
        """Her session has ended, as after two weeks. The passkey is both steps of signing in; her finger is a tap."""
        elena, page = self.elena, self.elena.page
        link = self.machine.letter_to("elena@hospital.example", "Sus residentes esperan una respuesta")
        page.context.clear_cookies()
        with elena.timed() as self.to_answer, elena.waits():
            elena.opens(link)
            elena.sees("Iniciar sesión")
            elena.presses("Entrar con una llave de acceso")
            elena.clicks += 1  # the finger
            elena.sees("Responder por Urgencias")
            elena.follows(AN_IDEA)
            elena.writes("Lo que escuchamos", "De noche falta ayuda.")
            elena.presses("Publicar este compromiso")
            expect(page.get_by_text("Publicado. Tus residentes ya lo ven")).to_be_visible()
        assert self.to_answer.seconds <= TO_ANSWER, self.to_answer

        page.goto(self.machine.site.url + RESULT)
        elena.clicks += 1
        elena.sees("Urgencias")
        assert self.figure_on(elena) == self.read

    def counted(self, to_ready: float, to_result: float) -> str:
        """Return what the whole path took, by whom."""
        everybody = {"Fernando": self.fernando, "Elena": self.elena, "a resident": self.residents[0]}
        return "".join(f"\n{name}: {who.counted}" for name, who in everybody.items()) + (
            f"\nfrom the letter's link to the thanks: {self.to_thanks}"
            f"\nfrom the letter's link to the published answer: {self.to_answer}"
            f"\nthe machine took {to_ready:.0f} s to the ready installation and {to_result:.0f} s more to the answered result"
        )
