"""Django's usual door; the same as ``callroom``."""

from callroom.site.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
