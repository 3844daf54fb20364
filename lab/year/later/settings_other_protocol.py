"""Settings of a version that cannot go on with an open round."""

from callroom.site.settings import *  # noqa: F403
from callroom.site.settings import INSTALLED_APPS as BEFORE

INSTALLED_APPS = [*BEFORE, "lab.year.later.apps.OtherProtocol"]
MIGRATION_MODULES = {"later": "lab.year.later.migrations_one"}
