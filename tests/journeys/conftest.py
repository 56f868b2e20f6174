from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

PATIENCE = 10_000  # a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def browsing(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window of its own for one test, as wide as a desk's."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(browsing: BrowserContext) -> Page:
    return browsing.new_page()
