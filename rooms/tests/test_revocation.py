"""Another password, and sign-ins ended from elsewhere: their sockets go within two seconds."""

from django.test import TransactionTestCase, override_settings

from accounts.auth import cookies
from accounts.tests.pages import ORIGIN, PASSWORD, Page
from rooms.tests.people import room_of, somebody
from rooms.tests.room_server import RoomClient, RoomServer, ending

LOG_IN = {"email": "alice@example.org", "password": PASSWORD}


@override_settings(ROOT_URLCONF="accounts.tests.urls")
class Revocation(TransactionTestCase):
    def setUp(self) -> None:
        self.room = room_of(somebody("Hanna"))
        self.here, self.elsewhere = Page(), Page()
        self.here.register()
        self.elsewhere.ask("login/", LOG_IN)
        self.server = self.enterContext(RoomServer())
        self.at_home, self.away = self.join(self.here), self.join(self.elsewhere)

    def join(self, page: Page) -> RoomClient:
        """A socket as a page opens it, by its cookie."""
        headers = {"Cookie": f"{cookies.ACCESS}={page.cookies[cookies.ACCESS].value}"}
        opened = self.server.connect(self.room.code, additional_headers=headers, origin=ORIGIN)
        return RoomClient(self.enterContext(opened))

    def assert_gone(self, client: RoomClient) -> None:
        self.assertEqual(ending(client.socket), (4401, "revoked"))

    def assert_open(self, client: RoomClient) -> None:
        client.say({"type": "ping", "t": 1})
        client.hear("pong")

    def test_it_closes_every_socket_at_another_password(self):
        ask = {"current": PASSWORD, "new": "another long password"}
        self.assertEqual(self.here.ask("password/", ask).status_code, 200)
        self.assert_gone(self.away)
        self.assert_gone(self.at_home)
        self.assert_open(self.join(self.here))

    def test_it_closes_the_sockets_of_the_one_sign_in_that_was_ended(self):
        listed = self.here.get("/api/auth/sign-ins/").json()["results"]
        (other,) = (each["id"] for each in listed if not each["is_this"])
        self.assertEqual(self.here.ask(f"sign-ins/{other}/", method="DELETE").status_code, 204)
        self.assert_gone(self.away)
        self.assert_open(self.at_home)

    def test_it_closes_the_sockets_of_all_others(self):
        self.assertEqual(self.here.ask("sign-ins/end/", {"others_only": True}).status_code, 200)
        self.assert_gone(self.away)
        self.assert_open(self.at_home)

    def test_it_closes_the_sockets_of_a_guest_who_becomes_an_account(self):
        guest = Page()
        guest.guest("Mika")
        client = self.join(guest)
        self.assertEqual(guest.register("mika@example.org", "Mika").status_code, 201)
        self.assert_gone(client)
        self.assert_open(self.join(guest))
