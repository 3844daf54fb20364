"""A table that the version before does not know."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = [("pulse", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE TABLE later_one (id integer PRIMARY KEY, words text NOT NULL)", "DROP TABLE later_one"
        )
    ]
