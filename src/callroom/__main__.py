"""``python -m callroom``: the same as the console script."""

from callroom.site.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
