"""History gets a partition a day on MariaDB and MySQL; on SQLite it stays a plain table."""

import time

from django.db import migrations

DAY_MS = 86_400_000
DAYS_BACK, DAYS_AHEAD = 8, 3


def split(apps, schema_editor):
    if schema_editor.connection.vendor != "mysql":
        return
    today = time.time_ns() // 1_000_000 // DAY_MS
    parts = [
        f"PARTITION p{day} VALUES LESS THAN ({(day + 1) * DAY_MS})"
        for day in range(today - DAYS_BACK, today + DAYS_AHEAD + 1)
    ]
    parts.append("PARTITION pmax VALUES LESS THAN MAXVALUE")
    schema_editor.execute(
        "ALTER TABLE locations_locationfix PARTITION BY RANGE (fix_ms) (%s)" % ", ".join(parts)
    )


def join(apps, schema_editor):
    if schema_editor.connection.vendor == "mysql":
        schema_editor.execute("ALTER TABLE locations_locationfix REMOVE PARTITIONING")


class Migration(migrations.Migration):
    # DDL commits by itself on these engines.
    atomic = False

    dependencies = [("locations", "0001_initial")]

    operations = [migrations.RunPython(split, join, elidable=False)]
