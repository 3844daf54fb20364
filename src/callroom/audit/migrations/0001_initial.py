from typing import Any

from django.db import migrations, models


def make_looks(apps: Any, schema_editor: Any) -> None:
    # A rowid would keep the order of arrival, so SQLite's table goes without one. If a later migration changes
    # this model, it must do the same: tests/stories/audit looks.
    model = apps.get_model("audit", "Look")
    if schema_editor.connection.vendor == "sqlite":
        sql, parameters = schema_editor.table_sql(model)
        schema_editor.execute(sql + " WITHOUT ROWID", parameters or None)
    else:
        schema_editor.create_model(model)


def drop_looks(apps: Any, schema_editor: Any) -> None:
    schema_editor.delete_model(apps.get_model("audit", "Look"))


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("next_seq", models.BigIntegerField(default=0)),
                ("mac", models.CharField(max_length=64)),
                ("sealed_until", models.DateField(help_text="the latest day whose looks are sealed", null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_has_one_head")],
            },
        ),
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(help_text="UTC, whole seconds")),
                (
                    "by",
                    models.CharField(
                        blank=True, help_text="a person's id; empty: the machine or its operator", max_length=36
                    ),
                ),
                ("tag", models.CharField(help_text="states.Tag", max_length=32)),
                ("about", models.CharField(max_length=200)),
                ("details", models.JSONField(default=dict, help_text="words and whole numbers")),
                ("previous", models.CharField(max_length=64)),
                ("mac", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "ordering": ["seq"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("seq__gte", 0)), name="audit_row_counts_from_zero"),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Look",
                    fields=[
                        ("digest", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                        ("person", models.CharField(max_length=36)),
                        ("page", models.CharField(max_length=120)),
                        ("day", models.DateField()),
                    ],
                    options={
                        "ordering": ["day", "digest"],
                        "constraints": [
                            models.UniqueConstraint(fields=("person", "page", "day"), name="one_look_a_day")
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(make_looks, drop_looks, hints={"store": "default"}),
    ]
