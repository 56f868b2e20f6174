"""What fingers do at any desk."""

from playwright.sync_api import Page, expect

from tests.factories import PASSWORD

MOST_TABS = 60


def sit_down(page: Page, address: str, name: str) -> None:
    """Sign in by keyboard."""
    page.goto(f"{address}/sign-in")
    type_at(page, "[name=username]", name)
    page.keyboard.press("Tab")
    type_at(page, "[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def type_at(page: Page, selector: str, text: str) -> None:
    """Type where the focus is, once it stands on what `selector` names: a page takes it a moment after it is there."""
    expect(page.locator(selector)).to_be_focused()
    page.keyboard.type(text)


def tab_to(page: Page, selector: str) -> None:
    """Go on from field to field until the focus stands on what `selector` names."""
    for _ in range(MOST_TABS):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no key leads to {selector}")
