"""What an older database holds is still there after its migrations."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from locations.models import PositionView

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_keeps_views_of_positions_and_the_right_to_see_them() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("locations", "0004_names_for_people")])
    try:
        old = executor.loader.project_state([("locations", "0004_names_for_people")]).apps
        operator = User.objects.create_user("Olga", is_staff=True)
        operator.user_permissions.add(Permission.objects.get(codename="view_look"))
        old.get_model("locations", "Look").objects.create(
            by_id=operator.pk, user_id=5, at_ms=7, why="position"
        )
    finally:
        call_command("migrate", verbosity=0)
    assert PositionView.objects.get().by_id == operator.pk
    assert User.objects.get(pk=operator.pk).has_perm("locations.view_positionview")
    assert not Permission.objects.filter(codename__endswith="_look").exists()
