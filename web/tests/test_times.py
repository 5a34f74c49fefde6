"""Times in the admin: short to read, whole on hover, in one place."""

from django.contrib import admin
from django.test import TestCase, override_settings
from django.utils import timezone

from web.times import readable, shown

AT_MS = 1_795_442_226_704


class Moments(TestCase):
    def test_it_shows_seconds_and_keeps_the_rest_for_the_hover(self):
        with timezone.override("Asia/Seoul"):
            told = shown(AT_MS)
        self.assertIn(">2026-11-23 22:57:06<", told)
        self.assertIn('datetime="2026-11-23T22:57:06.704+09:00"', told)
        self.assertIn("2026-11-23 22:57:06.704 KST · 1795442226704 ms", told)

    def test_it_shows_no_time_for_never(self):
        self.assertEqual(shown(None), "–")
        self.assertEqual(shown(0), "–")

    def test_it_knows_moments_from_spans_and_figures(self):
        self.assertEqual(readable("accounts.User", "nickname"), "nickname")
        self.assertEqual(readable("accounts.User", "last_seen"), "last_seen")
        cell = readable("accounts.Ban", "until_ms")
        self.assertIs(cell, readable("accounts.Ban", "until_ms"))
        self.assertEqual(cell.admin_order_field, "until_ms")
        self.assertTrue(callable(readable("accounts.SignIn", "seen_at")))

    @override_settings(LANGUAGE_CODE="en")
    def test_no_list_of_the_admin_shows_raw_milliseconds(self):
        for model, model_admin in admin.site._registry.items():
            raw = [
                n
                for n in model_admin.get_list_display(None)
                if isinstance(n, str) and n.endswith("_ms")
            ]
            self.assertLessEqual(set(raw), {"age_ms"}, model)
