"""axe-core in a page: what it finds serious or critical, in light and dark."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
# All that depends on the colour scheme.
COLOURS = ("color-contrast", "link-in-text-block")
# Rules whose findings would not be told are left out. Colours on their way from one scheme to the
# other are no fault.
_FIND = """async ([rules, grave]) => {
    document.getAnimations().forEach((one) => one.cancel());
    const { rules: all, tagExclude } = axe._audit;
    const values = rules ?? all.filter(({ enabled, impact, tags }) => enabled
        && (!impact || grave.includes(impact)) && !tags.some((tag) => tagExclude.includes(tag)),
    ).map(({ id }) => id);
    const runOnly = { type: "rule", values };
    const found = await axe.run(document, { resultTypes: ["violations"], runOnly });
    return found.violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, html }) => [impact, `${id}: ${target} ${html.slice(0, 120)}`]));
}"""


class Inspection:
    """Gathers what axe-core finds in the pages that are shown to it."""

    def __init__(self) -> None:
        # What is amiss, and the pages and states where it was seen.
        self.found: dict[str, list[str]] = {}

    def look(self, name: str, *pages: Page) -> None:
        """Inspect pages as they stand, in both colour schemes."""
        for page in pages:
            self.look_in_light(name, page)
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            self._note(page, name, COLOURS)

    def look_in_light(self, name: str, page: Page) -> None:
        """Inspect a page whose colours another page has, too."""
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self._note(page, name, None)

    def _note(self, page: Page, name: str, rules: tuple[str, ...] | None) -> None:
        if not page.evaluate("Boolean(window.axe)"):
            page.evaluate(AXE_SCRIPT)
        for impact, fault in page.evaluate(_FIND, [rules, GRAVE]):
            if impact in GRAVE:
                self.found.setdefault(fault, []).append(f"{name} ({'dark' if rules else 'light'})")

    def assert_well(self) -> None:
        """Nothing serious or critical was found."""
        told = [f"{fault}\n  seen: {', '.join(seen)}" for fault, seen in self.found.items()]
        assert not told, "\n".join(told)
