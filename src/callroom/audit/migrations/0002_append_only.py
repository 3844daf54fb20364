from typing import Any

from django.db import migrations

from callroom.audit import triggers


def install(apps: Any, schema_editor: Any) -> None:
    for statement in triggers.install(schema_editor.connection.vendor):
        schema_editor.execute(statement, None)


def remove(apps: Any, schema_editor: Any) -> None:
    for statement in triggers.remove(schema_editor.connection.vendor):
        schema_editor.execute(statement, None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(install, remove, hints={"store": "default"})]
