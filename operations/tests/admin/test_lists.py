"""Every list of the admin filters by its times, can be searched, and counts no huge table."""

from typing import Any
from unittest.mock import patch

from django.contrib import admin
from django.contrib.admin.options import ShowFacets
from django.db import connection, models
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.auth import tokens
from accounts.models import Ban, SignIn, User
from betting.models import LedgerEntry
from betting.tests.evenings import Evening
from locations.models import UserLocation
from operations.tests.test_admin import PLAIN_FILES
from rooms.models import RoomAct
from web.admin_site.admin_lists import BoundedPaginator, ConventionalList, MomentFilter
from web.times import DAY_MS, now_ms

OWN = ("accounts", "rooms", "betting", "locations")
ACTS = "/admin/rooms/roomact/"
# It is paged by its numbers and has a form of its own.
BROWSED = LedgerEntry


def own_lists() -> dict[type[models.Model], "admin.ModelAdmin[Any]"]:
    registered = admin.site._registry.items()
    return {m: page for m, page in registered if m._meta.app_label in OWN and m is not BROWSED}


def is_time(field: Any) -> bool:
    is_in_ms = field.name.endswith("_ms") and field.name not in ("age_ms", "lag_ms")
    return is_in_ms or isinstance(field, models.DateTimeField)


def filters(page: "admin.ModelAdmin[Any]") -> set[str]:
    """The names by which a list filters; of columns in milliseconds those with the right filter."""
    listed = page.get_list_filter(RequestFactory().get("/"))
    dated = {each[0] for each in listed if isinstance(each, tuple) and each[1] is MomentFilter}
    return dated | {each for each in listed if isinstance(each, str) and not each.endswith("_ms")}


def test_every_list_can_be_searched_and_counts_nothing_whole() -> None:
    for model, page in own_lists().items():
        assert isinstance(page, ConventionalList), model
        assert page.search_fields, model
        assert not page.show_full_result_count, model
        assert page.show_facets is ShowFacets.NEVER, model
        assert issubclass(page.paginator, BoundedPaginator), model


def test_every_list_filters_by_each_time_it_shows() -> None:
    for model, page in own_lists().items():
        times = {field.name for field in model._meta.concrete_fields if is_time(field)}
        columns = page.get_list_display(RequestFactory().get("/"))
        shown = times & {getattr(column, "__name__", column) for column in columns}
        found = times & filters(page)
        assert shown <= found, model
        # Of positions ages are shown, and nothing else may be asked.
        assert found or not times or model is UserLocation, model


@override_settings(ROOT_URLCONF="config.urls", STORAGES=PLAIN_FILES)
class AdminListTests(Evening):
    def setUp(self) -> None:
        super().setUp()
        operator = User.objects.create_superuser("Olga", "olga@example.org", "a long password")
        self.browser = Client()
        self.browser.force_login(operator)

    def titles(self, path: str) -> dict[str, str]:
        """The words of the first filter of times, and the addresses they lead to."""
        listed = self.browser.get(path).context["cl"]
        spec = next(each for each in listed.filter_specs if isinstance(each, MomentFilter))
        return {str(each["display"]): each["query_string"] for each in spec.choices(listed)}

    def acts_of(self, *days: int) -> None:
        """Acts of the room, so many days ago each."""
        for ago in days:
            RoomAct.objects.create(room=self.room, what="ban", at_ms=now_ms() - ago * DAY_MS)

    def test_it_opens_every_list_by_each_of_its_times_without_a_whole_count(self) -> None:
        for model in own_lists():
            path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            listed = self.browser.get(path).context["cl"]
            dated = [s for s in listed.filter_specs if isinstance(s, admin.DateFieldListFilter)]
            chosen = [list(spec.choices(listed))[2]["query_string"] for spec in dated]
            for query in ["?q=1", *chosen]:
                with CaptureQueriesContext(connection) as seen:
                    assert self.browser.get(f"{path}{query}").status_code == 200, (path, query)
                counts = [one["sql"] for one in seen if "COUNT(" in one["sql"].upper()]
                assert counts and all(" LIMIT " in sql for sql in counts), (path, counts)

    def test_it_finds_what_was_at_a_time(self) -> None:
        self.acts_of(0, 3, 500)
        rows = {
            title: self.browser.get(f"{ACTS}{query}").context["cl"].result_count
            for title, query in self.titles(ACTS).items()
        }
        assert (rows["Any date"], rows["Today"], rows["Past 7 days"]) == (3, 1, 2)
        self.browser.cookies["django_language"] = "ko"
        assert "오늘" in self.titles(ACTS)

    def test_it_tells_what_has_ended_from_what_has_not(self) -> None:
        users = [User.objects.create_user(name) for name in ("Ida", "Jo")]
        Ban.objects.create(user=users[0], reason="x", created_at_ms=1)
        Ban.objects.create(user=users[1], reason="x", created_at_ms=1, lifted_at_ms=2)
        path = "/admin/accounts/ban/"
        listed = self.browser.get(path).context["cl"]
        lifted = next(s for s in listed.filter_specs if s.field_path == "lifted_at_ms")
        for choice in lifted.choices(listed):
            if choice["display"] == "No date":
                rows = self.browser.get(f"{path}{choice['query_string']}").context["cl"].result_list
                assert [ban.user for ban in rows] == users[:1]

    def test_it_pages_the_first_rows_and_says_that_there_are_more(self) -> None:
        self.acts_of(0, 1, 2)
        told = "There are more than these 2. Search or filter to see others."
        assert told not in self.browser.get(ACTS).content.decode()
        with patch.object(BoundedPaginator, "rows_max", 2):
            page = self.browser.get(ACTS)
            assert page.context["cl"].result_count == 2 and told in page.content.decode()

    def test_it_acts_on_no_more_rows_than_it_counted(self) -> None:
        users = [User.objects.create_user(name) for name in ("Ida", "Jo")]
        for user in users:
            tokens.start(user)
        path, standing = "/admin/accounts/signin/", SignIn.objects.filter(ended_at_ms=None)
        everything = {"action": "end", "select_across": "1", "_selected_action": ["0"]}
        with patch.object(BoundedPaginator, "rows_max", 1):
            page = self.browser.post(path, everything, follow=True)
        assert "These are too many at once." in page.content.decode()
        assert standing.filter(user__in=users).count() == 2
        assert self.browser.post(path, everything).status_code == 302
        assert not standing.filter(user__in=users).exists()
