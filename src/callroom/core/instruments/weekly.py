"""
The weekly questions: Callroom's own wording, locked per academic year.

They ask about conditions of work, never about symptoms. Each has five worded options scored
0 to 4 in the order given here, 0 being the worst; nothing is pre-selected and each may be
skipped. Three are asked every week; one of the twelve others takes the fourth place in turn.
A text is used as it stands: a changed word is a new ``WORDING``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

Options = tuple[str, str, str, str, str]

QUESTIONNAIRE: Final = "pulse"
WORDING: Final = "2026-1"
LANGUAGES: Final = ("en", "es")
OPTION_COUNT: Final = 5


class UnknownItem(KeyError):
    """No weekly item has this id."""


@dataclass(frozen=True, slots=True)
class WeeklyItem:
    """
    One weekly question.

    ``driver`` (of burnout) and ``avenue`` (of the clinical learning environment) are None for
    the three core items. ``options`` hold, per language, the five answers scored 0, 1, 2, 3, 4.
    """

    id: str
    driver: str | None
    avenue: str | None
    text: Mapping[str, str]
    options: Mapping[str, Options]


def _both(english: str, spanish: str) -> Mapping[str, str]:
    return MappingProxyType({"en": english, "es": spanish})


def _answers(english: Options, spanish: Options) -> Mapping[str, Options]:
    return MappingProxyType({"en": english, "es": spanish})


FREQUENCY: Final = _answers(
    ("Never", "Rarely", "Sometimes", "Often", "Always"),
    ("Nunca", "Rara vez", "A veces", "Con frecuencia", "Siempre"),
)
EASE: Final = _answers(
    ("Very hard", "Hard", "Neither hard nor easy", "Easy", "Very easy"),
    ("Muy difícil", "Difícil", "Ni difícil ni fácil", "Fácil", "Muy fácil"),
)

HEADER: Final = _both(
    "Think about the days you worked in the last 7 days.",
    "Piensa en los días que trabajaste en los últimos 7 días.",
)
DID_NOT_WORK: Final = _both(
    "I did not work in the last 7 days",
    "No trabajé en los últimos 7 días",
)
SKIP: Final = _both("Skip", "Prefiero no contestar")

PROMISE: Final = _both(
    "Your name is not stored with your answer.",
    "Tu nombre no se guarda con tu respuesta.",
)
# {date}: the day on which the round closes, written by the page in its own language.
PROMISE_DETAIL: Final = _both(
    "When this round closes ({date}) its keys are deleted; after that nobody can read single answers, "
    "not even the administrators. Groups under 8 are never shown. You sign in only so that we can check, "
    "apart from your answer, that you may answer once.",
    "Cuando esta ronda se cierra ({date}) se borran sus llaves; después nadie puede leer respuestas "
    "individuales, ni quienes administran el sistema. Nunca mostramos grupos de menos de 8. Inicias sesión "
    "solo para comprobar, por separado de tu respuesta, que puedes contestar una vez.",
)

CORE: Final = (
    WeeklyItem(
        id="workload",
        driver=None,
        avenue=None,
        text=_both(
            "How reasonable was the amount of work you had?",
            "¿Qué tan razonable fue la cantidad de trabajo que tuviste?",
        ),
        options=_answers(
            (
                "Not at all reasonable",
                "Not very reasonable",
                "Somewhat reasonable",
                "Mostly reasonable",
                "Completely reasonable",
            ),
            ("Nada razonable", "Poco razonable", "Algo razonable", "Bastante razonable", "Totalmente razonable"),
        ),
    ),
    WeeklyItem(
        id="support",
        driver=None,
        avenue=None,
        text=_both(
            "How easy was it, or would it have been, to get help with a patient or a task?",
            "¿Qué tan fácil fue, o habría sido, conseguir ayuda con un paciente o con una tarea?",
        ),
        options=EASE,
    ),
    WeeklyItem(
        id="voice",
        driver=None,
        avenue=None,
        text=_both(
            "If something at work seemed wrong, how safe was it, or would it have been, for you to say so?",
            "Si algo en el trabajo te parecía mal, ¿qué tan seguro fue, o habría sido, para ti decirlo?",
        ),
        options=_answers(
            ("Not at all safe", "Not very safe", "Somewhat safe", "Mostly safe", "Completely safe"),
            ("Nada seguro", "Poco seguro", "Algo seguro", "Bastante seguro", "Totalmente seguro"),
        ),
    ),
)

ROTATING: Final = (
    WeeklyItem(
        id="learning-time",
        driver="workload",
        avenue="educational",
        text=_both(
            "How much time did your work leave you for learning?",
            "¿Cuánto tiempo te dejó el trabajo para aprender?",
        ),
        options=_answers(
            ("None", "Far too little", "Too little", "Almost enough", "Enough"),
            ("Nada", "Demasiado poco", "Poco", "Casi suficiente", "Suficiente"),
        ),
    ),
    WeeklyItem(
        id="interruptions",
        driver="workload",
        avenue="psychological",
        text=_both(
            "How often could you finish one task before another interrupted it?",
            "¿Con qué frecuencia pudiste terminar una tarea antes de que otra la interrumpiera?",
        ),
        options=FREQUENCY,
    ),
    WeeklyItem(
        id="shift-say",
        driver="control",
        avenue="educational",
        text=_both(
            "At present, how much say do you have in how your shifts are arranged?",
            "Hoy, ¿cuánta voz tienes en cómo se organizan tus guardias y turnos?",
        ),
        options=_answers(
            ("None", "Very little", "Some", "Quite a lot", "A great deal"),
            ("Ninguna", "Muy poca", "Algo", "Bastante", "Mucha"),
        ),
    ),
    WeeklyItem(
        id="autonomy",
        driver="control",
        avenue="psychological",
        text=_both(
            "How well did the independence you were given match your level of training?",
            "¿Qué tan acorde con tu nivel de formación fue la autonomía que te dieron?",
        ),
        options=_answers(
            ("Not at all", "Poorly", "Partly", "Well", "Very well"),
            ("Nada acorde", "Poco acorde", "Algo acorde", "Bastante acorde", "Totalmente acorde"),
        ),
    ),
    WeeklyItem(
        id="leave-on-time",
        driver="work-life",
        avenue="sociocultural",
        text=_both(
            "How often could you leave when your shift was due to end?",
            "¿Con qué frecuencia pudiste salir a la hora prevista?",
        ),
        options=FREQUENCY,
    ),
    WeeklyItem(
        id="time-off",
        driver="work-life",
        avenue="diversity and inclusion",
        text=_both(
            "If you needed time for a medical visit or a family matter, how easy would it be to get it?",
            "Si necesitaras tiempo para una consulta médica o un asunto familiar, ¿qué tan fácil sería conseguirlo?",
        ),
        options=EASE,
    ),
    WeeklyItem(
        id="respect",
        driver="community",
        avenue="sociocultural",
        text=_both(
            "How respectful was the way people at work spoke to you?",
            "¿Qué tan respetuosa fue la forma en que te hablaron en el trabajo?",
        ),
        options=_answers(
            (
                "Not at all respectful",
                "Not very respectful",
                "Somewhat respectful",
                "Mostly respectful",
                "Completely respectful",
            ),
            ("Nada respetuosa", "Poco respetuosa", "Algo respetuosa", "Bastante respetuosa", "Totalmente respetuosa"),
        ),
    ),
    WeeklyItem(
        id="fair-chances",
        driver="community",
        avenue="diversity and inclusion",
        text=_both(
            "How fairly were chances to learn shared out among the residents in your team?",
            "¿Qué tan justo fue el reparto de oportunidades de aprender entre residentes de tu equipo?",
        ),
        options=_answers(
            ("Not at all fairly", "Not very fairly", "Somewhat fairly", "Mostly fairly", "Completely fairly"),
            ("Nada justo", "Poco justo", "Algo justo", "Bastante justo", "Totalmente justo"),
        ),
    ),
    WeeklyItem(
        id="computers",
        driver="efficiency",
        avenue="digital",
        text=_both(
            "Did the computer systems help your work or get in its way?",
            "¿Los sistemas de cómputo te ayudaron o te estorbaron en tu trabajo?",
        ),
        options=_answers(
            ("Got in the way a lot", "Got in the way a little", "Neither", "Helped a little", "Helped a lot"),
            (
                "Estorbaron mucho",
                "Estorbaron un poco",
                "Ni ayudaron ni estorbaron",
                "Ayudaron un poco",
                "Ayudaron mucho",
            ),
        ),
    ),
    WeeklyItem(
        id="rest-place",
        driver="efficiency",
        avenue="architectural",
        text=_both(
            "When you are on call, how suitable is the place you have to rest?",
            "Cuando estás de guardia, ¿qué tan adecuado es el lugar que tienes para descansar?",
        ),
        options=_answers(
            (
                "Not at all suitable, or there is none",
                "Not very suitable",
                "Somewhat suitable",
                "Mostly suitable",
                "Completely suitable",
            ),
            (
                "Nada adecuado, o no hay",
                "Poco adecuado",
                "Algo adecuado",
                "Bastante adecuado",
                "Totalmente adecuado",
            ),
        ),
    ),
    WeeklyItem(
        id="privacy",
        driver="values",
        avenue="architectural",
        text=_both(
            "How often could you talk with patients or families in a place that was private enough?",
            "¿Con qué frecuencia pudiste hablar con pacientes o familiares en un lugar con suficiente privacidad?",
        ),
        options=FREQUENCY,
    ),
    WeeklyItem(
        id="useful-records",
        driver="values",
        avenue="digital",
        text=_both(
            "How much of the time you spent on records was useful for patients?",
            "¿Cuánto del tiempo que dedicaste a notas y registros les sirvió a los pacientes?",
        ),
        options=_answers(
            ("None", "A small part", "About half", "Most", "All"),
            ("Nada", "Una parte pequeña", "Cerca de la mitad", "La mayor parte", "Todo"),
        ),
    ),
)

# These ask about the present: the header about the last 7 days is left out above them.
PRESENT_TENSE: Final = frozenset({"shift-say", "time-off", "rest-place"})

# Both take the rotating place when a promise is measured again. {month} and {promise} are filled
# by the page; the second is asked two weeks after the first.
# Above the second, which does not repeat the promise: what it is about.
PROMISE_SAID: Final = _both(
    "In {month} your unit's leaders said: {promise}.",
    "En {month}, quienes dirigen tu unidad dijeron: {promise}.",
)
PROMISE_NOTICED: Final = WeeklyItem(
    id="promise-noticed",
    driver=None,
    avenue=None,
    text=_both(
        "In {month} your unit's leaders said: {promise}. How much of it have you noticed in your work?",
        "En {month}, quienes dirigen tu unidad dijeron: {promise}. ¿Cuánto de eso has notado en tu trabajo?",
    ),
    options=_answers(
        ("Nothing", "A little", "About half", "Most of it", "All of it"),
        ("Nada", "Un poco", "Cerca de la mitad", "Casi todo", "Todo"),
    ),
)
PROMISE_EFFECT: Final = WeeklyItem(
    id="promise-effect",
    driver=None,
    avenue=None,
    text=_both(
        "Has it made your work worse or better?",
        "¿Eso empeoró o mejoró tu trabajo?",
    ),
    options=_answers(
        ("Much worse", "A little worse", "No change", "A little better", "Much better"),
        (
            "Lo empeoró mucho",
            "Lo empeoró un poco",
            "Sin cambio",
            "Lo mejoró un poco",
            "Lo mejoró mucho",
        ),
    ),
)

ALL_ITEMS: Final = (*CORE, *ROTATING, PROMISE_NOTICED, PROMISE_EFFECT)
_BY_ID: Final = MappingProxyType({known.id: known for known in ALL_ITEMS})


def nearest_option(mean: int, options: Sequence[str]) -> str:
    """Return the worded option that lies nearest to a mean in tenths of the scale from 0 to 10."""
    step = 100 / (len(options) - 1)
    return options[min(range(len(options)), key=lambda place: abs(place * step - mean))]


def item(item_id: str) -> WeeklyItem:
    """
    Return the weekly item with this id.

    :raises UnknownItem: when there is none
    """
    try:
        return _BY_ID[item_id]
    except KeyError:
        raise UnknownItem(item_id) from None
