"""``python -m benches.signals [SECTION …]``: headline, worlds, waves, discoveries, scaling; all without a word."""

from __future__ import annotations

import argparse

from benches.signals import headline, more
from benches.signals.world import WORLDS

SECTIONS = ("headline", "worlds", "waves", "discoveries", "scaling")


def main() -> None:
    """Run the sections that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benches.signals", description=headline.__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a quarter of the institutions: for a first look")
    options = parser.parse_args()
    share = 4 if options.quick else 1
    for section in options.sections or SECTIONS:
        print(f"\n== {section} (seed {options.seed})", flush=True)
        match section:
            case "headline":
                headline.measure(WORLDS["default"], options.seed, 16 // share, 40 // share, charts=True)
            case "worlds":
                for name, world in WORLDS.items():
                    if name != "default":
                        print(f"-- {name}", flush=True)
                        headline.measure(world, options.seed, 12 // share, 20 // share, charts=False)
            case "waves":
                more.waves(options.seed, 12 // share, 12 // share)
            case "discoveries":
                more.discoveries(options.seed, 200 // share)
            case "scaling":
                more.scaling((1000, 10000), 312)
            case _:
                parser.error(f"{section} is none of {', '.join(SECTIONS)}")


if __name__ == "__main__":
    main()
