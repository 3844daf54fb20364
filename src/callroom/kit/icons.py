"""Line icons (24 x 24) and filled signs (16 x 16), drawn for Callroom. Shape first, colour never alone."""

from typing import Final

ICONS: Final[dict[str, str]] = {
    "home": '<path d="M4 11 12 4l8 7v9h-5v-6H9v6H4z"/>',
    "lamp": '<path d="M8 4h8l3 8H5zM12 12v7M8 20h8"/>',
    "ladder": '<circle cx="6" cy="6" r="2"/><circle cx="6" cy="12" r="2"/><circle cx="6" cy="18" r="2"/>'
    '<path d="M11 6h9M11 12h9M11 18h9"/>',
    "chart": '<path d="M4 4v16h16M7 15l4-4 3 3 6-7"/>',
    "units": '<path d="M12 4v5M6 15v-3h12v3M12 9v3"/><rect x="9" y="3" width="6" height="5" rx="1"/>'
    '<rect x="3" y="15" width="6" height="5" rx="1"/><rect x="15" y="15" width="6" height="5" rx="1"/>',
    "chain": '<path d="M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.5l-3 3'
    'a4 4 0 0 0 5.700 5.700L12 17"/>',
    "phone": '<path d="M6 3h3l2 5-2.500 2a11 11 0 0 0 5.500 5.500L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6'
    'a3 3 0 0 1 3-3z"/>',
    "device": '<rect x="7" y="2.500" width="10" height="19" rx="2"/><path d="M11 18.500h2"/>',
    "people": '<circle cx="9" cy="8" r="3.500"/><path d="M3 20c0-4 3-6 6-6s6 2 6 6M16 5a3.500 3.500 0 0 1 0 6.500'
    'M17.500 14.500c2.300.8 3.500 2.700 3.500 5.500"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 21c0-5 4-7 8-7s8 2 8 7"/>',
    "calendar": '<rect x="4" y="5" width="16" height="15" rx="2"/><path d="M4 10h16M8 3v4M16 3v4"/>',
    "message": '<path d="M4 5h16v11H11l-5 4v-4H4z"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "tick": '<path d="m5 12.500 4.500 4.500L19 7.500"/>',
    "cross": '<path d="m6 6 12 12M18 6 6 18"/>',
    "change": '<path d="M4 12a8 8 0 0 1 14-5l2 2M20 12a8 8 0 0 1-14 5l-2-2"/><path d="M20 4v5h-5M4 20v-5h5"/>',
    "leave": '<path d="M14 4h6v6M20 4l-9 9M18 14v6H4V6h6"/>',
    "door": '<path d="M5 21V4h14v17M3 21h18M9 21V4l7 3v14"/>',
    "table": '<rect x="4" y="5" width="16" height="14" rx="1"/><path d="M4 10h16M4 14.500h16M10 5v14"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M4 20h16"/>',
    "search": '<circle cx="10.500" cy="10.500" r="6"/><path d="m15 15 5.500 5.500"/>',
    "next": '<path d="M5 5v14l9-7zM18 5v14"/>',
    "offline": '<path d="M3 3l18 18M5 12a10 10 0 0 1 3-2M19 12a10 10 0 0 0-6-3M8.500 15.500a5 5 0 0 1 5-1M12 19.500h.01"/>',
}

SIGNS: Final[dict[str, str]] = {
    "flat": '<circle cx="8" cy="8" r="6"/>',
    "up": '<path d="M8 1l7 12H1z"/>',
    "down": '<path d="M1 3h14L8 15z"/>',
    "unsure": '<path d="M8 1l7 7-7 7-7-7z"/>',
    "kept": '<path d="M6.200 13.500 1 8.300l2-2 3.200 3.200L13 2.500l2 2z"/>',
    "late": '<path d="M8 1l7.500 14H.5zM7 6v4.500h2V6zm0 5.800v1.700h2v-1.700z" fill-rule="evenodd"/>',
    "due": '<path d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM7.200 4v4.800l3.300 2 .8-1.200-2.500-1.500V4z" fill-rule="evenodd"/>',
}

MARK: Final = (
    '<path class="mark-frame" d="M5 30V4a2 2 0 0 1 2-2h18a2 2 0 0 1 2 2v26z"/>'
    '<path class="mark-room" d="M8 30V5h16v25z"/><path class="mark-door" d="M8 5l9 3.500V31H8z"/>'
    '<path class="mark-room" d="M14 18h1.500v2.500H14z"/>'
)
