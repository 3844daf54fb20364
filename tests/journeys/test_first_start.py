"""From an empty machine to a ready installation, by the pages alone, in Spanish; clicks and a person's minutes counted."""

from __future__ import annotations

import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Locator, Page, expect
from tests.journeys.conftest import PHONE, Site, _environment

NAME = "bienestar.hospital.example"
PASSWORD = "una hamaca en el corredor"
CODE = re.compile(r"^ {4}([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})$", re.MULTILINE)
SECONDS_A_CLICK, SECONDS_A_WORD, SECONDS_A_PAGE = 1.5, 1.5, 20
"""How a person's time is estimated: a click, a typed word (40 a minute), reading a page."""

UNITS = "unidad,nombre_en,nombre_es,tipo,superior\nemergency,Emergency Medicine,Urgencias,programa,\nsurgery,General Surgery,Cirugía general,programa,\n"
PEOPLE = (
    "Nómina,Nombre,Correo,Puesto,Especialidad\ns-1,Fernando Ruiz,fernando@hospital.example,coordinador,\n"
    + "".join(
        f"r-{n:03},Residente {n},r{n:03}@hospital.example,residente,{unit}\n"
        for n, unit in enumerate(["emergency"] * 18 + ["surgery"] * 14)
    )
)


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server that keeps what it is handed."""

    letters: list[str]

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            if line.upper().startswith("DATA"):
                self.say("354 go on")
                lines = list(iter(lambda: self.rfile.readline().decode(), ".\r\n"))
                self.letters.append("".join(lines))
            elif line.upper().startswith("QUIT"):
                self.say("221 bye")
                return
            self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@dataclass
class EmptyMachine:
    """An installation in which nothing is, its console and its mailbox."""

    site: Site
    settings: dict[str, str]
    letters: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        found = CODE.findall(self.site.log.read_text())
        assert found, self.site.log.read_text()
        return str(found[-1])

    def check(self) -> subprocess.CompletedProcess[str]:
        """Run ``callroom check``."""
        return subprocess.run(
            [sys.executable, "-m", "callroom", "check"], env=self.settings, capture_output=True, text=True, timeout=120
        )


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[EmptyMachine]:
    folder = tmp_path / "site"
    letters: list[str] = []
    handler = type("Kept", (Mailbox,), {"letters": letters})
    with socket.socket() as probe, socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as mailbox:
        threading.Thread(target=mailbox.serve_forever, daemon=True).start()
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        # As behind a proxy that brings the certificate: the browser below says what such a proxy says.
        settings = {
            **{
                name: value
                for name, value in _environment(folder).items()
                if name not in {"CALLROOM_DEMO", "CALLROOM_HTTP"}
            },
            "CALLROOM_BEHIND_PROXY": "1",
            "CALLROOM_HOSTS": f"localhost,{NAME}",
            "CALLROOM_ORIGINS": f"http://localhost:{port}",
            "CALLROOM_SMTP_HOST": "127.0.0.1",
            "CALLROOM_SMTP_PORT": str(mailbox.server_address[1]),
            "CALLROOM_SMTP_STARTTLS": "0",
            "CALLROOM_MAIL_FROM": f"callroom@{NAME}",
        }
        site = Site(f"http://localhost:{port}", folder)
        with site.log.open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "callroom", "serve", "--port", str(port)], env=settings, stdout=log, stderr=log
            )
            try:
                wait_until_it_answers(f"{site.url}/help/es/", server, site.log)
                yield EmptyMachine(site, settings, letters)
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(30)
                mailbox.shutdown()


def wait_until_it_answers(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """The first start makes all tables; a busy machine takes its time."""
    asked = urllib.request.Request(url, headers={"X-Forwarded-Proto": "https"})
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(asked, timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
        else:
            return
    raise AssertionError(log.read_text())


@dataclass
class Coordinator:
    """Fernando in front of his browser; every click and every word is counted."""

    page: Page
    check: Callable[[Page], None]
    clicks: int = 0
    words: int = 0
    pages: int = 0

    def reads(self, heading: str) -> None:
        """A page is there: readable by everybody, on the smallest phone too."""
        expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        self.pages += 1
        self.check(self.page)
        self.page.set_viewport_size({"width": 320, "height": 640})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 320, self.page.url
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two whole numbers

    def writes(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.words += len(text.split())

    def chooses(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)
        self.clicks += 2

    def ticks_everything(self) -> None:
        for box in self.page.locator("main input[type=checkbox]").all():
            box.check()
            self.clicks += 1

    def presses(self, name: str) -> None:
        self.clicked(self.page.get_by_role("main").get_by_role("button", name=name, exact=True))

    def follows(self, name: str) -> None:
        self.clicked(self.page.get_by_role("main").get_by_role("link", name=name, exact=True))

    def clicked(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def brings(self, name: str, content: str) -> None:
        self.page.get_by_label("Archivo del padrón").set_input_files(
            {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
        )
        self.clicks += 2
        self.presses("Leer el archivo")

    @property
    def minutes(self) -> float:
        seconds = self.clicks * SECONDS_A_CLICK + self.words * SECONDS_A_WORD + self.pages * SECONDS_A_PAGE
        return seconds / 60


@pytest.fixture
def fernando(browser: Browser, machine: EmptyMachine, accessible: Callable[[Page], None]) -> Iterator[Coordinator]:
    context = browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]  # two whole numbers
        locale="es-MX",
        reduced_motion="reduce",
        extra_http_headers={"X-Forwarded-Proto": "https"},
    )
    context.set_default_timeout(60_000)
    yield Coordinator(context.new_page(), accessible)
    context.close()


def test_from_an_empty_machine_to_a_ready_one(
    machine: EmptyMachine, fernando: Coordinator, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    assert machine.check().returncode == 1

    founds_the_institution(machine, fernando)
    sets_up_a_second_step(fernando)
    brings_units_and_people(fernando)
    publishes_the_notice(fernando)
    settles_what_only_a_person_can(machine, fernando)

    while fernando.page.get_by_role("heading", name="Todo está resuelto").count() == 0:
        # The worker may be busy with the keys of the first rounds.
        assert time.monotonic() - started < 500, fernando.page.locator("main").inner_text()
        time.sleep(5)
        fernando.page.reload()
    fernando.reads("Todo está resuelto")
    checked = machine.check()
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "✗" not in checked.stdout
    said = (
        f"\nfrom an empty machine to a ready one: {fernando.clicks} clicks, {fernando.words} words typed, "
        f"{fernando.pages} pages, about {fernando.minutes:.0f} minutes of a person's time; "
        f"the machine took {time.monotonic() - started:.0f} s"
    )
    with capsys.disabled():
        sys.stdout.write(said)
    assert fernando.clicks <= 90
    assert fernando.minutes <= 20


def founds_the_institution(machine: EmptyMachine, fernando: Coordinator) -> None:
    fernando.page.goto(f"{machine.site.url}/")
    fernando.reads("Te damos la bienvenida. Este Callroom está vacío.")
    fernando.writes("Código de la consola", "AAAA-AAAA-AAAA")
    fernando.presses("Empezar")
    expect(fernando.page.get_by_role("alert")).to_be_focused()
    fernando.writes("Código de la consola", machine.code)
    fernando.presses("Empezar")

    fernando.reads("¿Qué institución es?")
    fernando.writes("Nombre de la institución", "Hospital General San Rafael")
    fernando.writes("Nombre corto", "San Rafael")
    fernando.chooses("Zona horaria", "Monterrey")
    fernando.chooses("El año académico empieza el", "1 de marzo")
    fernando.presses("Guardar y seguir")

    fernando.reads("¿Quién coordina?")
    fernando.writes("Tu nombre", "Fernando Ruiz")
    fernando.writes("Correo electrónico", "fernando@hospital.example")
    fernando.writes("Tu id en el padrón del hospital", "s-1")
    fernando.writes("Contraseña nueva", PASSWORD)
    fernando.writes("Contraseña nueva, otra vez", PASSWORD)
    fernando.presses("Guardar e iniciar sesión")


def sets_up_a_second_step(fernando: Coordinator) -> None:
    page = fernando.page
    page.wait_for_url(re.compile("/in/second-factors/"))
    fernando.clicked(page.locator("a[href='/in/second-factors/app/new/']"))
    page.locator("main details summary").click()
    secret = page.locator("code.num").inner_text()
    page.locator("main input[name='code']").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    fernando.words += 1
    fernando.clicked(page.locator("main form button.btn").first)
    page.wait_for_url(re.compile("/in/second-factors/codes/"))
    page.goto(page.url.split("/in/")[0] + "/in/setup/")
    fernando.clicks += 1
    fernando.reads("Un paso tras otro")


def brings_units_and_people(fernando: Coordinator) -> None:
    fernando.follows("Sigue: Unidades y personas")
    fernando.reads("Actualiza el padrón")
    fernando.brings("unidades.csv", UNITS)
    fernando.reads("Esto cambiaría")
    fernando.presses("Aplicar esto")

    fernando.reads("Actualiza el padrón")
    fernando.brings("personas.csv", PEOPLE.replace("r000@hospital.example", "r000 hospital"))
    fernando.reads("¿Qué es cada columna?")
    for place, name in enumerate(["Id en tu propio padrón", "Nombre", "Correo electrónico", "Rol", "Programa"]):
        chosen = fernando.page.locator(f"#column-{place}")
        if chosen.locator("option:checked").inner_text() != name:
            chosen.select_option(label=name)
            fernando.clicks += 2
    fernando.presses("Ver qué cambiaría")
    fernando.reads("Todavía no: algo está mal en el archivo")
    fernando.writes("Correo electrónico", "r000@hospital.example")
    fernando.presses("Corregir estas y ver otra vez")
    fernando.reads("Esto cambiaría")
    fernando.presses("Aplicar esto")


def publishes_the_notice(fernando: Coordinator) -> None:
    fernando.reads("Redactar el aviso de privacidad")
    fernando.clicked(fernando.page.get_by_label("México (aviso de privacidad)"))
    fernando.presses("Empezar con ella")
    fernando.reads("Redactar el aviso de privacidad")
    fernando.writes("Domicilio de la institución", "Calle de los Jacarandales 1, Monterrey")
    fernando.writes("A quién preguntar por los datos personales, y cómo", "Datos personales, datos@hospital.example")
    fernando.presses("Guardarlo y verlo")
    fernando.reads("El aviso antes de publicarse")
    fernando.writes("Quién lo revisó en el área jurídica", "Lic. Rosa Ibarra, área jurídica")
    fernando.presses("Publicarlo con la fecha de hoy")
    fernando.reads("Un paso tras otro")
    fernando.follows("Sigue: Consejo de residentes")


def sends_letters(machine: EmptyMachine, fernando: Coordinator) -> None:
    fernando.reads("Cartas a residentes")
    fernando.presses("Enviar cartas a estas horas")
    fernando.presses("Mándame la carta")
    expect(fernando.page.get_by_text("Va una carta en camino", exact=False)).to_be_visible()
    letter = machine.letters[-1].partition("\r\n\r\n")[2]
    link = re.search(r"http\S+/w/e[ns]/", letter)
    assert link, letter
    fernando.writes("El enlace de la carta, como llegó", link[0])
    fernando.presses("Mirar el enlace")
    fernando.reads("Un paso tras otro")
    fernando.follows("Sigue: Respaldos")


def settles_what_only_a_person_can(machine: EmptyMachine, fernando: Coordinator) -> None:
    fernando.reads("¿Quién tiene las llaves de las reglas?")
    fernando.writes("Por qué no hay todavía, y cuándo lo eligen los residentes", "Elige la asamblea del 14 de marzo")
    fernando.ticks_everything()
    fernando.writes("Tu nombre, como firma", "Fernando Ruiz")
    fernando.presses("Aún no hay: anotar por qué")

    fernando.reads("¿Cuándo se abre la primera ronda?")
    fernando.page.locator("main select").select_option(index=1)
    fernando.clicks += 2
    fernando.presses("Abrir la primera ronda ese día")

    for heading, button in (
        ("¿Contesta alguien?", "Confirmar estos números"),
        ("Dónde están las llaves de las rondas", "Confirmarlo por escrito"),
    ):
        fernando.reads(heading)
        fernando.ticks_everything()
        fernando.writes("Tu nombre, como firma", "Fernando Ruiz")
        fernando.presses(button)

    fernando.reads("¿Llega una carta?")
    fernando.presses("Mándame la carta")
    expect(fernando.page.get_by_label("El número de la carta")).to_be_visible()
    (letter,) = machine.letters
    found = re.search(r"\b(\d{6})\b", letter.partition("\r\n\r\n")[2])
    assert found, letter
    fernando.writes("El número de la carta", found[1])
    fernando.presses("Llegó")

    sends_letters(machine, fernando)

    fernando.reads("¿Qué quedaría después de un incendio?")
    fernando.writes("A dónde van los respaldos", "el servidor de respaldos de la universidad")
    fernando.writes("Quién guarda la llave que los abre", "Elena Robles y Óscar Gil")
    fernando.ticks_everything()
    fernando.writes("Tu nombre, como firma", "Fernando Ruiz")
    fernando.presses("Registrar esta decisión")

    if fernando.page.url.endswith("/clock/"):  # no time service keeps this machine's clock
        fernando.reads("¿Está bien el reloj?")
        fernando.ticks_everything()
        fernando.writes("Tu nombre, como firma", "Fernando Ruiz")
        fernando.presses("Confirmarlo")


def test_a_logo_of_forty_megabytes_is_refused_in_plain_words(site: Site, page: Page, tmp_path: Path) -> None:
    large = tmp_path / "logo.png"
    large.write_bytes(os.urandom(40 * 1024 * 1024))
    page.goto(f"{site.url}/in/demo/")
    page.locator('button[name="persona"][value="fernando"]').click()
    page.goto(f"{site.url}/in/setup/look/")
    page.locator("input[type=file]").set_input_files(large)

    page.locator("main form button.btn").click()

    expect(page.get_by_text("too large")).to_be_visible(timeout=60_000)
