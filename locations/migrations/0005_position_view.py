"""A look at a position is called PositionView; its table keeps its name and rows."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _rename_permissions(apps: Apps, editor: BaseDatabaseSchemaEditor, old: str, new: str) -> None:
    # The content type is renamed by RenameModel itself; its permissions would be made anew, and
    # operators who hold them would be left with ones that open nothing.
    permissions = apps.get_model("auth", "Permission").objects.using(editor.connection.alias)
    of_views = permissions.filter(
        content_type__app_label="locations", codename__endswith=f"_{old}"
    )
    for permission in of_views:
        permission.codename = permission.codename.removesuffix(old) + new
        permission.save(update_fields=["codename"])


def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    _rename_permissions(apps, editor, "look", "positionview")


def backwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    _rename_permissions(apps, editor, "positionview", "look")


class Migration(migrations.Migration):
    dependencies = [
        ("locations", "0004_names_for_people"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterModelTable(name="look", table="locations_look"),
        migrations.RenameModel(old_name="Look", new_name="PositionView"),
        migrations.RunPython(forwards, backwards),
    ]
