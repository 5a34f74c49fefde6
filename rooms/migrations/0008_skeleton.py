"""What names are compared by is called skeleton; its column and index keep their names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rooms", "0007_looks_anew")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveIndex("membership", "membership_look")]
        ),
        migrations.AlterField(
            model_name="membership",
            name="look",
            field=models.CharField(db_column="look", editable=False, max_length=400, null=True),
        ),
        migrations.RenameField(model_name="membership", old_name="look", new_name="skeleton"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(
                    "membership",
                    models.Index(fields=["room", "skeleton"], name="membership_look"),
                )
            ]
        ),
    ]
