"""Another one."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("later", "0001_a_table")]
    operations = [
        migrations.RunSQL(
            "CREATE TABLE later_two (id integer PRIMARY KEY, words text NOT NULL)", "DROP TABLE later_two"
        )
    ]
