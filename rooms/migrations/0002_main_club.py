"""The club `main` exists from the beginning."""

from django.db import migrations


def make_main_club(apps, schema_editor):
    apps.get_model("rooms", "Club").objects.get_or_create(slug="main", defaults={"title": "Ringside"})


class Migration(migrations.Migration):
    dependencies = [("rooms", "0001_initial")]
    operations = [migrations.RunPython(make_main_club, migrations.RunPython.noop)]
