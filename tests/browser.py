"""A real browser for the tests, and a door through which it reaches an application."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

MISSING = "No Chromium on this machine. Install it: apt-get install chromium, or playwright install chromium."
# Chromium writes this line for every form that is refused; nothing else may stand in the console
_REFUSED_FORM = "the server responded with a status of 422"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser; where there is none the test is skipped, but for the build server, where it fails."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        if not path and not os.path.exists(playwright.chromium.executable_path):  # noqa: PTH110 - a text, once
            (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class _Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: a failed test shows the page, not the list of its files."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` to the browser from a thread; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def listen(page: Page) -> list[str]:
    """Return the list that will hold whatever `page` complains of."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and _REFUSED_FORM not in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints
