"""Settings of the first later version."""

from callroom.site.settings import *  # noqa: F403
from callroom.site.settings import INSTALLED_APPS as BEFORE

INSTALLED_APPS = [*BEFORE, "lab.year.later.apps.Later"]
MIGRATION_MODULES = {"later": "lab.year.later.migrations_one"}
