"""The demo hospital's own services. Their numbers are invented, say so, and cannot be dialled."""

from __future__ import annotations

from typing import Final

from callroom.directory.actions import OwnService
from callroom.directory.states import ServiceKind

INVENTED: Final = "invented for the demonstration"

DEMO_SERVICES: Final = (
    OwnService(
        code="demo-night-line",
        language="en",
        kind=ServiceKind.ON_CALL,
        position=1,
        name="Hospital's night line",
        detail="Every night, 20:00 to 07:00. Invented number",
        number="ext. 0000",
        source=INVENTED,
    ),
    OwnService(
        code="demo-night-line",
        language="es",
        kind=ServiceKind.ON_CALL,
        position=1,
        name="Línea nocturna del hospital",
        detail="Todas las noches, de 20:00 a 07:00. Número inventado",
        number="ext. 0000",
        source=INVENTED,
    ),
    OwnService(
        code="demo-peer",
        language="en",
        kind=ServiceKind.PEER,
        position=2,
        name="Peer on call",
        detail="A resident of another programme; takes no notes. Invented number",
        number="ext. 0001",
        source=INVENTED,
    ),
    OwnService(
        code="demo-peer",
        language="es",
        kind=ServiceKind.PEER,
        position=2,
        name="Compañero de apoyo en guardia",
        detail="Residente de otro programa; no toma notas. Número inventado",
        number="ext. 0001",
        source=INVENTED,
    ),
    OwnService(
        code="demo-counselling",
        language="en",
        kind=ServiceKind.COUNSELLING,
        position=3,
        name="Counselling",
        detail="Monday to Friday, 08:00 to 19:00. No reason asked. Invented number",
        number="ext. 0002",
        source=INVENTED,
    ),
    OwnService(
        code="demo-counselling",
        language="es",
        kind=ServiceKind.COUNSELLING,
        position=3,
        name="Psicología",
        detail="De lunes a viernes, de 08:00 a 19:00. No pedimos motivo. Número inventado",
        number="ext. 0002",
        source=INVENTED,
    ),
)
