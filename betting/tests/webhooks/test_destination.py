"""Webhooks go to public addresses alone, and wait for nobody for long."""

import os
import socket
import threading
import time
from typing import Any
from unittest import mock

from django.test import override_settings

from betting.models import Delivery
from betting.tests.webhooks.delivering import NEARBY, Delivering
from betting.webhooks import destination, sending
from web.refusals import Refused


@NEARBY
class DestinationTests(Delivering):
    """Where one event goes, and where not."""

    def answer(self, url: str) -> str:
        """What is noted of an event for this address."""
        hook = self.hook_to(url)
        self.wait(1, 1, hook)
        sending.send_due_of(hook.pk)
        return Delivery.objects.get(webhook=hook).answer

    @override_settings(WEBHOOK_NETWORKS=[])
    def test_it_tells_public_addresses_from_all_others(self) -> None:
        for address in (
            "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2001:4860:4860::8888",
            "::ffff:93.184.215.14", "64:ff9b::5db8:d70e", "2002:5db8:d70e::1",
        ):  # fmt: skip
            assert destination.is_allowed(address), address
        for address in (
            # Of IPv4: this host, private, shared, of one link, of IETF, documentation, tests.
            "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
            "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
            "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
            # Of IPv6.
            "::", "::1", "::93.184.215.14", "100::1", "100:0:0:1::1", "2001:2::1", "2001:10::1",
            "2001:20::1", "2001:db8::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00::1",
            "fe80::1%eth0", "fec0::1", "ff02::1",
            # What a router makes an IPv4 address of: mapped, 6to4, Teredo, NAT64, a local NAT64.
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::1", "2002:a00:1::",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:a00:1::1", "64:ff9b::7f00:1",
            "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::5db8:d70e", "64:ff9b:1::1",
        ):  # fmt: skip
            assert not destination.is_allowed(address), address

    @override_settings(WEBHOOK_NETWORKS=[])
    def test_it_goes_to_no_private_address(self) -> None:
        assert self.answer(self.receiver.url).startswith("NotAllowed")
        assert self.answer(self.receiver.url.replace("127.0.0.1", "localhost")).startswith(
            "NotAllowed"
        )
        assert self.receiver.came == []

    def test_it_follows_no_redirect(self) -> None:
        self.receiver.judge = lambda count: 307 if count == 1 else 200
        self.receiver.headers = {"Location": self.receiver.url}
        assert self.answer(self.receiver.url) == "307"
        assert len(self.receiver.came) == 1

    def test_it_goes_to_the_address_that_was_judged_whatever_the_name_says_next(self) -> None:
        names, real = ["127.0.0.1", "127.0.0.2"], socket.getaddrinfo

        def changing(host: str, *told: Any, **more: Any) -> Any:
            return real(names.pop(0) if host == "localhost" else host, *told, **more)

        with mock.patch("socket.getaddrinfo", changing):
            assert self.answer(self.receiver.url.replace("127.0.0.1", "localhost")) == "204"
            assert names == ["127.0.0.2"], "it is looked up once"
            names.append("127.0.0.1")
            assert self.answer(self.receiver.url.replace("127.0.0.1", "localhost")).startswith(
                "NotAllowed"
            )

    def test_it_trusts_no_server_without_a_certificate_for_its_name(self) -> None:
        with mock.patch.dict(os.environ, {"SSL_CERT_FILE": "/dev/null"}):
            assert self.answer(self.receiver.url).startswith("SSLCertVerificationError")

    def test_it_cuts_off_a_server_that_does_not_answer_in_time(self) -> None:
        is_over = threading.Event()
        self.receiver.judge = lambda _count: 204 if is_over.wait(60) else 500
        with override_settings(WEBHOOK_TIMEOUT_S=1):
            assert self.answer(self.receiver.url) not in ("", "204")
        is_over.set()

    def test_it_cuts_off_a_server_that_does_not_come_to_an_end_of_its_handshake(self) -> None:
        cut_off = threading.Event()
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))

        def dribble() -> None:
            line, _address = listener.accept()
            with line:
                # The head of a record of 16 KiB, and then a byte at a time.
                line.sendall(bytes([0x16, 0x03, 0x03, 0x40, 0x00]))
                for _ in range(300):
                    time.sleep(0.1)
                    try:
                        line.sendall(b"\0")
                    except OSError:
                        cut_off.set()
                        return

        server = threading.Thread(target=dribble)
        server.start()
        with override_settings(WEBHOOK_TIMEOUT_S=1):
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
            assert self.answer(url) not in ("", "204")
        server.join()
        assert cut_off.is_set()


def test_it_reads_plain_https_addresses_alone() -> None:
    for url in ("https://example.org", "https://example.org:8443/a?b=c"):
        assert destination.read_url(url) == url
    try:
        destination.read_url("https://example.org:x/")
    except Refused as refused:
        assert refused.code == "malformed"
    else:
        raise AssertionError("a port that is none")
