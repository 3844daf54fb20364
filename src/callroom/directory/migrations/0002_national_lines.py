"""Puts the shipped national lines into the table; lines that are there already stay as they are."""

from dataclasses import asdict

from django.apps.registry import Apps as StateApps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from callroom.directory.seed import NATIONAL_LINES


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    crisis_line = apps.get_model("directory", "CrisisLine")
    known = {field.name for field in crisis_line._meta.concrete_fields}
    for line in NATIONAL_LINES:
        values = {name: value for name, value in asdict(line).items() if name in known}
        crisis_line.objects.get_or_create(code=line.code, language=line.language, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
