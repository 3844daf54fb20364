"""Ideas about people at work: how they treat each other, what it is for, help, and being heard."""

from __future__ import annotations

from typing import Final

from callroom.improvement.advice.ideas import Driver, Idea

PEOPLE: Final[tuple[Driver, ...]] = (
    Driver(
        "community",
        ("Community", "Comunidad"),
        (
            "Are people spoken to with respect, and chances shared fairly?",
            "¿Se habla con respeto y se reparten con justicia las oportunidades?",
        ),
        (
            Idea(
                "community-respect",
                (
                    "Say in public how we speak to each other, and step in within a day when somebody does not.",
                    "Decir en público cómo nos hablamos e intervenir en un día cuando alguien no lo cumple.",
                ),
                (
                    "Open the next meeting with it, and say whom to tell when it happens.",
                    "Abrir con esto la próxima reunión y decir a quién avisar cuando suceda.",
                ),
            ),
            Idea(
                "community-cases",
                (
                    "Share out procedures by a visible list, so that chances to learn do not depend on who is liked.",
                    "Repartir los procedimientos con una lista visible, para que aprender no dependa de simpatías.",
                ),
                (
                    "Put up the list for one procedure this week.",
                    "Poner esta semana la lista de un procedimiento.",
                ),
            ),
            Idea(
                "community-meal",
                (
                    "Have one paid meal a month in working hours, with no agenda, and be there yourself.",
                    "Tener una comida al mes, pagada, en horario de trabajo y sin orden del día; quien dirige asiste.",
                ),
                (
                    "Choose the day, and find cover for that hour first.",
                    "Elegir el día y buscar primero quién cubre esa hora.",
                ),
            ),
        ),
    ),
    Driver(
        "values",
        ("Values", "Valores"),
        ("Is there time for what brought them to medicine?", "¿Queda tiempo para aquello que los trajo a la medicina?"),
        (
            Idea(
                "values-bedside",
                (
                    "Begin rounds at the bedside, and keep a private place for hard conversations with families.",
                    "Empezar el pase de visita junto al paciente y tener un lugar privado para hablar con las familias.",
                ),
                (
                    "Name the room, and put a sign on its door that means “do not interrupt”.",
                    "Elegir el cuarto y poner en la puerta un letrero que diga «no interrumpir».",
                ),
            ),
            Idea(
                "values-why",
                (
                    "Say for every rule that costs residents' time what it is for, and drop those that nobody can explain.",
                    "Decir de cada regla que cuesta tiempo para qué sirve y quitar las que nadie puede explicar.",
                ),
                (
                    "Ask for the three least understood ones.",
                    "Preguntar cuáles son las tres que menos se entienden.",
                ),
            ),
            Idea(
                "values-thanks",
                (
                    "Read out one patient's thanks at each weekly meeting, with the team that earned it.",
                    "Leer en cada reunión semanal el agradecimiento de un paciente, con el equipo que lo ganó.",
                ),
                (
                    "Ask patient relations for last month's letters.",
                    "Pedir a atención al usuario las cartas del mes pasado.",
                ),
            ),
        ),
    ),
    Driver(
        "support",
        ("Support", "Apoyo"),
        ("Is it easy to get help with a patient or a task?", "¿Es fácil conseguir ayuda con un paciente o una tarea?"),
        (
            Idea(
                "support-backup",
                (
                    "Have a second person on call who comes within 30 minutes when asked, and is never asked why.",
                    "Tener una segunda persona de guardia que llega en 30 minutos cuando se le pide, sin preguntar por qué.",
                ),
                (
                    "Fill the list for the next four weekends, and put the number on every telephone.",
                    "Llenar la lista de los próximos cuatro fines de semana y poner el número en cada teléfono.",
                ),
            ),
            Idea(
                "support-consult",
                (
                    "Agree with two services how fast they answer a resident at night, and what to do when they do not.",
                    "Acordar con dos servicios en cuánto tiempo responden de noche a un residente y qué hacer si no lo hacen.",
                ),
                (
                    "Write down with residents the two services and the hours in which help was hardest to get.",
                    "Anotar con los residentes los dos servicios y las horas en que fue más difícil conseguir ayuda.",
                ),
            ),
            Idea(
                "support-evening",
                (
                    "Have an attending walk through at 21:00 and ask: what would make tonight easier?",
                    "Que un médico adscrito pase a las 21:00 y pregunte: ¿qué haría más fácil esta noche?",
                ),
                (
                    "Do it yourself twice this week, and write down what you hear.",
                    "Hacerlo en persona dos veces esta semana y anotar lo que se oye.",
                ),
            ),
        ),
    ),
    Driver(
        "voice",
        ("Voice", "Voz"),
        ("Is it safe to say that something is wrong?", "¿Es seguro decir que algo está mal?"),
        (
            Idea(
                "voice-first",
                (
                    "Tell the residents of a mistake of your own, and what was changed because somebody spoke up.",
                    "Contar a los residentes un error propio y qué cambió porque alguien lo dijo.",
                ),
                (
                    "Do it at the next meeting, in two minutes.",
                    "Hacerlo en la próxima reunión, en dos minutos.",
                ),
            ),
            Idea(
                "voice-answer",
                (
                    "Answer every concern within two working days, even if only to say when the answer comes.",
                    "Responder cada inquietud en dos días hábiles, aunque sea para decir cuándo habrá respuesta.",
                ),
                (
                    "Name one person who receives them, and a second for when that person is the concern.",
                    "Nombrar a quien las recibe y a una segunda persona para cuando la inquietud sea sobre ella.",
                ),
            ),
            Idea(
                "voice-stop",
                (
                    "Let anybody say “stop” at the bedside with one agreed word, and thank them each time, right or wrong.",
                    "Permitir que cualquiera diga «alto» con una palabra acordada y agradecerlo siempre, tenga o no razón.",
                ),
                (
                    "Choose the word together, and use it first yourself.",
                    "Elegir juntos la palabra y usarla primero en persona.",
                ),
            ),
        ),
    ),
)
