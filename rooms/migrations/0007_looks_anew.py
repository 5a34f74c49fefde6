"""I, l and 1 look the same since now, so what was kept is worked out anew at the next visit."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0006_names_for_people'),
    ]

    operations = [
        migrations.RunSQL("UPDATE rooms_membership SET look = NULL", migrations.RunSQL.noop),
    ]
