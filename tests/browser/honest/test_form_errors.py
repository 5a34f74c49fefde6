"""Forms say what is wrong in sentences, beside the field, in the language of the page."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.browsers import PHONE, assert_fits, shoot, visit
from tests.browser.honest.test_dead_zone import find_network, lose_network
from tests.browser.test_browser import open_room
from tests.servers import House

pytestmark = [pytest.mark.browser, pytest.mark.server]


def expect_error(field: Locator, words: str) -> None:
    """The words stand in the element that describes the field; the field is marked."""
    expect(field).to_have_attribute("aria-invalid", "true")
    told = field.evaluate(
        "(node) => document.getElementById(node.dataset.error).textContent + "
        "node.getAttribute('aria-describedby').split(' ').includes(node.dataset.error)"
    )
    assert told == words + "true"


def submit(page: Page, button: str, field: Locator, words: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect_error(field, words)
    expect(field).to_be_focused()


WORDS = {
    "en": ("Title", "Open the room", "Please fill this in.",
           "It holds a character that cannot be seen."),
    "ko": ("제목", "방 열기", "여기를 채워 주세요.", "보이지 않는 글자가 있어요."),
}  # fmt: skip


@pytest.mark.parametrize("locale", WORDS)
def test_it_says_beside_the_field_what_is_wrong_with_it(
    browser: Browser, house: House, locale: str
) -> None:
    title, button, missing, unseen = WORDS[locale]
    page = visit(browser, f"{house.url}/rooms/new/", PHONE, locale=locale)
    field = page.get_by_label(title)
    submit(page, button, field, missing)
    field.fill("\u2800")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    submit(page, button, field, unseen)
    shoot(page, f"form-error-{locale}")
    assert_fits(page)


def test_it_says_so_of_accounts(browser: Browser, house: House) -> None:
    page = visit(browser, f"{house.url}/sign-in/", PHONE)
    form = page.locator("form[data-call*=register]")
    name, mail, password = (form.locator(f"[name={part}]") for part in
                            ("nickname", "email", "password"))  # fmt: skip
    name.fill("Mika")
    mail.fill("nobody")
    password.fill("short")
    submit(page, "Keep them", mail, "This is no e-mail address.")
    expect_error(password, "At least 8 characters, please.")
    mail.fill("nobody@example.org")
    password.fill("password1")
    page.get_by_role("button", name="Keep them").click()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_be_focused()


def test_it_says_so_of_questions_and_of_a_dead_network(browser: Browser, house: House) -> None:
    host = open_room(browser, house.url, "Errors")
    host.set_viewport_size(PHONE)
    host.get_by_role("button", name="New question").click()
    sheet = host.get_by_role("dialog")
    question = sheet.get_by_label("Question", exact=True)
    first, second = (sheet.get_by_label(f"Answer {letter}", exact=True) for letter in "AB")
    submit(host, "Open it now", question, "Please fill this in.")
    question.fill("Which snail wins?")
    first.fill("Turbo Lettuce")
    submit(host, "Open it now", second, "Write at least two answers.")
    shoot(host, "question-error")
    second.fill("Turbo Lettuce")
    submit(host, "Open it now", second, "This answer is there already.")
    second.fill("TURBO LETTUCE")
    submit(host, "Open it now", first, "Two answers look the same.")
    second.fill("The Duchess")
    sheet.get_by_text("Limits and rules").click()
    sheet.get_by_label("Smallest bet").fill("50")
    most = sheet.get_by_label("Most on this question per person")
    most.fill("10")
    sheet.get_by_text("Limits and rules").click()
    submit(host, "Open it now", most, "It is below the smallest bet.")
    assert_fits(host)
    most.fill("")
    host.get_by_role("button", name="Open it now").click()
    expect(sheet).to_be_hidden()

    lock = host.get_by_role("button", name="Lock now")
    lose_network(host)
    expect(lock).to_have_attribute("aria-disabled", "true")
    lock.click(force=True)
    expect(host.locator("[data-host-says]")).to_have_text("No connection: this cannot be sent now.")
    assert_fits(host)
    shoot(host, "host-offline")
    find_network(host)
    expect(lock).not_to_have_attribute("aria-disabled", "true")
    lock.click()
    expect(host.locator("[data-ring][data-status=void]")).to_be_visible()
