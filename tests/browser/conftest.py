"""A phone-sized Chromium against the real server. Without a browser the tests are skipped in sight; with CI=true they fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_scene import SALAD, Scene, Served, make_scene, serving, start_signer, tell_lettuce
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 360, "height": 740}
LOT = "SALAD-20260420-A"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module, not one a session: while Playwright runs, no other test of this process can run a loop of its own."""
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(
                executable_path=CHROMIUM if CHROMIUM.exists() else None,
                args=["--no-sandbox", "--disable-background-networking"],
            )
        except Error as error:
            message = f"no Chromium to test with: {str(error).splitlines()[0]}"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        yield launched
        launched.close()


class Phone:
    """A browser context of its own that writes down what it asked for and what went wrong."""

    def __init__(self, context: BrowserContext, served: Served) -> None:
        self.context = context
        self.served = served
        self.asked: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("console", lambda message: self._note(message.type, message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.served.url + path)
        return page

    def sign_in(self, slug: str) -> None:
        token = self.served.scene.token(slug)
        self.context.add_cookies([{"name": "suyuan_session", "value": token, "url": self.served.url}])

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)


@pytest.fixture
def phone_for(browser: Browser) -> Iterator[Callable[..., Phone]]:
    """Makes phones: `phone_for(served, language, scripts=..., dark=...)`."""
    contexts: list[BrowserContext] = []

    def make(served: Served, language: str = "zh-CN", *, scripts: bool = True, dark: bool = False) -> Phone:
        options: dict[str, Any] = {"viewport": PHONE, "locale": language, "java_script_enabled": scripts}
        context = browser.new_context(
            **options, color_scheme="dark" if dark else "light", is_mobile=True, has_touch=True
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Phone(context, served)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    signer, url = start_signer()
    yield make_scene(tmp_path / "home", signer_url=url)
    signer.shutdown()
    signer.server_close()


@pytest.fixture
def served(scene: Scene) -> Iterator[Served]:
    with serving(scene) as running:
        yield running


@pytest.fixture(scope="session")
def lettuce(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Iterator[Served]:
    """The real case, with item codes for the salad."""
    scene = make_scene(tmp_path_factory.mktemp("lettuce") / "home")
    tell_lettuce(scene, corpora)
    scene.serials = scene.make_codes(SALAD, LOT)
    with serving(scene) as running:
        yield running
