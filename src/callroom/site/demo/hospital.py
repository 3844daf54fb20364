"""Hospital General San Rafael as data: 294 residents in 17 programmes, six sites, and the people one can sign in as.

Every name is drawn from lists of common given names and of plants and stones for family names, so that nobody is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random  # a seeded generator: the demo's people are the same every time

INSTITUTION = "Hospital General San Rafael"
SHORT_NAME = "San Rafael"
ADDRESS = "Calle de los Jacarandales 1, Ciudad Inventada"
CONTACT = "Oficina de datos personales (datos@sanrafael.example)"
TIME_ZONE = "America/Mexico_City"
ACADEMIC_YEAR_START = (3, 1)  # Mexico: residencies begin on 1 March
OWN_DAY = date(2024, 9, 29)
OWN_DAY_NAME = {"en": "Saint Raphael's day", "es": "Día de San Rafael"}


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """One unit; ``residents`` is the number of residents whose home programme it is."""

    id: str
    parent: str | None
    kind: str
    english: str
    spanish: str
    residents: int = 0


UNITS: tuple[DemoUnit, ...] = (
    DemoUnit("san-rafael", None, "institution", INSTITUTION, INSTITUTION),
    DemoUnit("medicine", "san-rafael", "department", "Department of Medicine", "Departamento de Medicina"),
    DemoUnit("internal-medicine", "medicine", "programme", "Internal Medicine", "Medicina Interna", 36),
    DemoUnit("cardiology", "medicine", "programme", "Cardiology", "Cardiología", 12),
    DemoUnit("dermatology", "medicine", "programme", "Dermatology", "Dermatología", 9),
    DemoUnit("rheumatology", "medicine", "programme", "Rheumatology", "Reumatología", 6),
    DemoUnit("acute-care", "san-rafael", "department", "Department of Acute Care", "Departamento de Atención Aguda"),
    DemoUnit("anaesthesiology", "acute-care", "programme", "Anaesthesiology", "Anestesiología", 31),
    DemoUnit("emergency", "acute-care", "programme", "Emergency Medicine", "Medicina de Urgencias", 25),
    DemoUnit("critical-care", "acute-care", "programme", "Critical Care Fellowship", "Medicina Crítica", 5),
    DemoUnit("toxicology", "acute-care", "programme", "Toxicology Fellowship", "Toxicología Clínica", 5),
    DemoUnit("surgery", "san-rafael", "department", "Department of Surgery", "Departamento de Cirugía"),
    DemoUnit("general-surgery", "surgery", "programme", "General Surgery", "Cirugía General", 27),
    DemoUnit("orthopaedics", "surgery", "programme", "Orthopaedics", "Traumatología y Ortopedia", 20),
    DemoUnit("neurosurgery", "surgery", "programme", "Neurosurgery", "Neurocirugía", 14),
    DemoUnit("urology", "surgery", "programme", "Urology", "Urología", 12),
    DemoUnit("women-children", "san-rafael", "department", "Women and Children", "Mujer y Niñez"),
    DemoUnit("paediatrics", "women-children", "programme", "Paediatrics", "Pediatría", 23),
    DemoUnit(
        "obstetrics", "women-children", "programme", "Obstetrics and Gynaecology", "Ginecología y Obstetricia", 21
    ),
    DemoUnit("diagnostics", "san-rafael", "department", "Diagnostics and Community", "Diagnóstico y Comunidad"),
    DemoUnit("radiology", "diagnostics", "programme", "Radiology", "Radiología e Imagen", 17),
    DemoUnit("family-medicine", "diagnostics", "programme", "Family Medicine", "Medicina Familiar", 16),
    DemoUnit("pathology", "diagnostics", "programme", "Pathology", "Anatomía Patológica", 15),
    DemoUnit("site-centro", "san-rafael", "site", "Main Hospital", "Hospital central"),
    DemoUnit("site-norte", "san-rafael", "site", "North Hospital", "Hospital Norte"),
    DemoUnit("site-sur", "san-rafael", "site", "South Hospital", "Hospital Sur"),
    DemoUnit("site-infantil", "san-rafael", "site", "Children's Tower", "Torre Infantil"),
    DemoUnit("site-rural", "san-rafael", "site", "Valley Clinic", "Clínica del Valle"),
    DemoUnit("site-escuela", "san-rafael", "site", "School of Medicine", "Escuela de Medicina"),
)


@dataclass(frozen=True, slots=True)
class DemoPersona:
    """Somebody one can sign in as, with what the door says about them in both languages."""

    slug: str
    name: str
    role: str
    unit: str
    home: str | None
    part: tuple[str, str]
    sees: tuple[str, str]
    never: tuple[str, str]


PERSONAS: tuple[DemoPersona, ...] = (
    DemoPersona(
        "ana", "Ana Jacaranda", "resident", "internal-medicine", "internal-medicine",
        ("Resident, Internal Medicine", "Residente de Medicina Interna"),
        ("Sees her own check-in, every unit's published results, and help.", "Ve su propio registro, los resultados publicados de cada unidad y la ayuda."),
        ("Never sees who answered what.", "Nunca ve quién contestó qué."),
    ),
    DemoPersona(
        "bruno", "Bruno Fresno", "chief", "emergency", "emergency",
        ("Chief resident, Emergency Medicine", "Jefe de residentes de Urgencias"),
        ("Sees the same as every resident.", "Ve lo mismo que cada residente."),
        ("Never sees who answered, or who did not.", "Nunca ve quién contestó ni quién no."),
    ),
    DemoPersona(
        "carmen", "Carmen Obsidiana", "counsellor", "san-rafael", None,
        ("Counsellor", "Psicóloga"),
        ("Sees the published results.", "Ve los resultados publicados."),
        ("Never sees anyone's check-in.", "Nunca ve el registro de nadie."),
    ),
    DemoPersona(
        "elena", "Dr. Elena Robledo", "leader", "acute-care", None,
        ("Chair, Acute Care", "Jefa de Atención Aguda"),
        ("Sees the same page as her residents, at the same moment.", "Ve la misma página que sus residentes, en el mismo momento."),
        ("Never sees a single answer, or who gave it.", "Nunca ve una respuesta individual ni quién la dio."),
    ),
    DemoPersona(
        "fernando", "Fernando Ámbar", "coordinator", "san-rafael", None,
        ("Well-being coordinator", "Coordinador de bienestar"),
        ("Sees the roster and the published results.", "Ve la lista de residentes y los resultados publicados."),
        ("Never sees a single answer, or who gave it.", "Nunca ve una respuesta individual ni quién la dio."),
    ),
    DemoPersona(
        "gabriela", "Gabriela Cedro", "mentor", "internal-medicine", None,
        ("Mentor, Internal Medicine", "Mentora de Medicina Interna"),
        ("Sees the published results.", "Ve los resultados publicados."),
        ("Never sees anyone's check-in.", "Nunca ve el registro de nadie."),
    ),
    DemoPersona(
        "ines", "Inés Laurel", "executive", "san-rafael", None,
        ("Designated institutional official", "Directora de enseñanza"),
        ("Sees the published results of all units.", "Ve los resultados publicados de todas las unidades."),
        ("Never sees more than a resident does.", "Nunca ve más que cualquier residente."),
    ),
    DemoPersona(
        "julia", "Julia Encino", "privacy-officer", "san-rafael", None,
        ("Privacy officer", "Responsable de datos personales"),
        ("Sees what people ask about their own data, and the audit trail.", "Ve lo que la gente pide sobre sus propios datos, y la bitácora."),
        ("Never sees an answer: nothing leads to one.", "Nunca ve una respuesta: nada lleva a ella."),
    ),
    DemoPersona(
        "hugo", "Hugo Granito", "operator", "san-rafael", None,
        ("Operator", "Operador del sistema"),
        ("Sees the roster and the chain.", "Ve la lista y la cadena."),
        ("Never sees results or answers.", "Nunca ve resultados ni respuestas."),
    ),
    DemoPersona(
        "javier", "Dr. Javier Sauce", "leader", "general-surgery", None,
        ("Programme director, General Surgery", "Profesor titular de Cirugía General"),
        ("Sees what his residents see: that he has not answered.", "Ve lo que ven sus residentes: que no ha respondido."),
        ("Never sees a single answer, or who gave it.", "Nunca ve una respuesta individual ni quién la dio."),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoLeader:
    """Somebody who leads a department and has no door of their own."""

    external_id: str
    name: str
    unit: str


LEADERS: tuple[DemoLeader, ...] = (
    DemoLeader("lead-amelia", "Dr. Amelia Ceiba", "medicine"),
    DemoLeader("lead-tomas", "Dr. Tomás Olivo", "surgery"),
    DemoLeader("lead-pilar", "Dr. Pilar Jade", "women-children"),
    DemoLeader("lead-clara", "Dr. Clara Lirio", "diagnostics"),
)

GIVEN_NAMES = (
    "Abril Adrián Alba Alicia Alonso Amelia Andrés Aurora Beatriz Benito Camila Carlos Cecilia César Clara Damián Daniela "
    "David Diana Diego Dolores Eduardo Elisa Emilio Esteban Eva Fabián Federico Flor Gael Gloria Héctor Ignacio Irene Isabel "
    "Iván Jaime Javier Jimena Joaquín Julia Karla Laura Leonor Lía Lorenzo Lucía Luis Manuel Marcos Mariana Mateo Nadia Noé "
    "Nuria Olga Omar Pablo Paula Pilar Ramón Raquel Renata Ricardo Rocío Rosa Samuel Sara Sofía Tania Teo Tomás Valeria Vera"
).split()
FAMILY_NAMES = (
    "Abedul Acacia Ágata Alerce Amatista Arce Basalto Berilo Brezo Calcita Caoba Castaño Ceiba Cuarzo Encina Enebro Espliego "
    "Fluorita Girasol Guayaba Helecho Hiedra Jade Jaspe Jazmín Lavanda Lirio Madroño Magnolia Malaquita Menta Mimosa Mirto "
    "Nogal Olivo Ónix Orquídea Palma Pino Pizarra Romero Roble Sabino Salvia Sauce Tejo Tilo Topacio Trébol Turquesa Yuca"
).split()


ROTATIONS: tuple[tuple[str, str, int, int, int], ...] = (
    ("internal-medicine", "emergency", 3, -2, 8),
    ("internal-medicine", "cardiology", 1, 6, 8),
    ("anaesthesiology", "critical-care", 2, -5, 8),
    ("paediatrics", "site-infantil", 2, -2, 12),
    ("family-medicine", "site-rural", 3, -8, 26),
    ("general-surgery", "urology", 2, 3, 8),
)
"""Of a programme, through a unit, how many of its first residents; from which week on, and for how many."""


@dataclass(frozen=True, slots=True)
class DemoResident:
    """An invented resident."""

    external_id: str
    name: str
    email: str
    programme: str
    language: str


def residents(seed: int = 7) -> Iterator[DemoResident]:
    """Yield the demo's residents apart from the personas, unit by unit, the same for the same seed."""
    chance = Random(seed)
    homes = {persona.home for persona in PERSONAS}
    number = 0
    for unit in UNITS:
        for _ in range(unit.residents - (1 if unit.id in homes else 0)):
            number += 1
            name = f"{chance.choice(GIVEN_NAMES)} {chance.choice(FAMILY_NAMES)}"
            language = "es" if chance.random() < 0.8 else "en"
            yield DemoResident(f"R{number:04d}", name, f"r{number:04d}@sanrafael.example", unit.id, language)


@dataclass(frozen=True, slots=True)
class DemoRotation:
    """Somebody of a programme works in another unit: from so many weeks after the demo's Monday until the last Sunday."""

    external_id: str
    unit: str
    from_week: int
    weeks: int


def rotations() -> Iterator[DemoRotation]:
    """Yield who rotates: Bruno through General Surgery, and of some programmes the first residents."""
    yield DemoRotation("persona-bruno", "general-surgery", -3, 12)
    of: dict[str, list[str]] = {}
    for resident in residents():
        of.setdefault(resident.programme, []).append(resident.external_id)
    for programme, unit, how_many, from_week, weeks in ROTATIONS:
        for external_id in of[programme][:how_many]:
            yield DemoRotation(external_id, unit, from_week, weeks)
