"""Ideas about the work itself: how much, who decides, when it ends, and whether things help."""

from __future__ import annotations

from typing import Final

from callroom.improvement.advice.ideas import Driver, Idea

WORK: Final[tuple[Driver, ...]] = (
    Driver(
        "workload",
        ("Workload", "Carga de trabajo"),
        ("Is there time to do the work well, and to learn?", "¿Hay tiempo para hacer bien el trabajo y para aprender?"),
        (
            Idea(
                "workload-cap",
                (
                    "Agree on the most patients one resident carries, and who takes the next one.",
                    "Acordar cuántos pacientes lleva como máximo cada residente y quién recibe al siguiente.",
                ),
                (
                    "Count for one week how many each resident carries at noon, with the chief resident.",
                    "Contar durante una semana, con la jefatura de residentes, cuántos lleva cada quien a mediodía.",
                ),
            ),
            Idea(
                "workload-errands",
                (
                    "Take the three tasks that need no doctor (transport, forms, phone calls) off the residents' list.",
                    "Quitar de la lista de residentes tres tareas que no requieren a un médico (traslados, formatos, llamadas).",
                ),
                (
                    "Ask at one huddle which three tasks nobody would miss, and who could do each.",
                    "Preguntar en una reunión breve qué tres tareas nadie echaría de menos y quién podría hacerlas.",
                ),
            ),
            Idea(
                "workload-quiet-hour",
                (
                    "Protect one teaching hour a week: a colleague holds the pagers, and it counts as work.",
                    "Proteger una hora de enseñanza por semana: un colega atiende las llamadas y cuenta como trabajo.",
                ),
                (
                    "Name the hour and who holds the pagers for the next four weeks.",
                    "Fijar la hora y quién atiende las llamadas en las próximas cuatro semanas.",
                ),
            ),
        ),
    ),
    Driver(
        "control",
        ("Control", "Control"),
        ("Do residents have a say in how their work is arranged?", "¿Tienen voz en cómo se organiza su trabajo?"),
        (
            Idea(
                "control-rota",
                (
                    "Publish the rota six weeks ahead, and let residents swap without asking anybody.",
                    "Publicar el rol de guardias con seis semanas de anticipación y permitir cambios sin pedir permiso.",
                ),
                (
                    "Publish the next rota early, and write down the one rule that a swap has to keep.",
                    "Publicar antes el próximo rol y escribir la única regla que un cambio debe respetar.",
                ),
            ),
            Idea(
                "control-seat",
                (
                    "Give two elected residents a vote where shifts and rotations are decided.",
                    "Dar voto a dos residentes electos donde se deciden guardias y rotaciones.",
                ),
                (
                    "Invite them to the next meeting, and send its agenda to all residents.",
                    "Invitarlos a la próxima reunión y enviar el orden del día a todos los residentes.",
                ),
            ),
            Idea(
                "control-autonomy",
                (
                    "Write for each year what residents decide alone, decide and tell, or ask about first.",
                    "Escribir por año de residencia qué deciden solos, qué deciden y avisan, y qué preguntan antes.",
                ),
                (
                    "Draft it for one common procedure with two residents of each year.",
                    "Redactarlo para un procedimiento frecuente con dos residentes de cada año.",
                ),
            ),
        ),
    ),
    Driver(
        "work-life",
        ("Work and life", "Trabajo y vida"),
        (
            "Can they leave on time, and be away when life needs it?",
            "¿Pueden salir a tiempo y ausentarse cuando la vida lo pide?",
        ),
        (
            Idea(
                "work-life-handover",
                (
                    "Start the hand-over early enough that everybody leaves on time, and let the senior end it.",
                    "Empezar la entrega de guardia con tiempo para que todos salgan a su hora; quien dirige la cierra.",
                ),
                (
                    "Note for two weeks when the last person leaves, without names, and move the start by that much.",
                    "Anotar dos semanas, sin nombres, a qué hora sale la última persona y adelantar el inicio lo necesario.",
                ),
            ),
            Idea(
                "work-life-appointments",
                (
                    "Give every resident half a day each quarter for a medical visit, covered, without a reason.",
                    "Dar a cada residente medio día por trimestre para una consulta médica, cubierto y sin dar motivo.",
                ),
                (
                    "Put the first half-days into the next rota, with the cover beside each.",
                    "Incluir los primeros medios días en el próximo rol, con quien cubre al lado.",
                ),
            ),
            Idea(
                "work-life-cover",
                (
                    "Set up sick cover that does not fall on whoever is asked first: a fair list, published monthly.",
                    "Organizar las suplencias por enfermedad con una lista justa, publicada cada mes.",
                ),
                (
                    "Publish who covered what in the last two months, as counts by year of training.",
                    "Publicar cuántas suplencias hubo en los últimos dos meses por año de residencia.",
                ),
            ),
        ),
    ),
    Driver(
        "efficiency",
        ("Efficiency and resources", "Eficiencia y recursos"),
        ("Do rooms, tools and systems help the work?", "¿Ayudan los espacios, las herramientas y los sistemas?"),
        (
            Idea(
                "efficiency-pebble",
                (
                    "Remove one small daily annoyance each month: residents choose which.",
                    "Quitar cada mes una molestia cotidiana: los residentes eligen cuál.",
                ),
                (
                    "Collect ten on a board, let everybody mark two, and start with the one that has most marks.",
                    "Reunir diez en un pizarrón, que cada quien marque dos y empezar por la más marcada.",
                ),
            ),
            Idea(
                "efficiency-rest",
                (
                    "Give those on call a room to rest that locks, is dark and is near the ward.",
                    "Dar a quien está de guardia un cuarto para descansar con llave, oscuro y cerca de la sala.",
                ),
                (
                    "Go and look at the present one at 3 a.m., once.",
                    "Ir a ver el actual a las 3 de la mañana, una vez.",
                ),
            ),
            Idea(
                "efficiency-templates",
                (
                    "Shorten the two notes that are written most: one template each, half the clicks.",
                    "Acortar las dos notas que más se escriben: una plantilla para cada una, la mitad de los clics.",
                ),
                (
                    "Watch one resident write each of them, and count the clicks together with someone from systems.",
                    "Ver a un residente escribir cada una y contar los clics junto con alguien de sistemas.",
                ),
            ),
        ),
    ),
)
