from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import regex

from service.keys import new_key
from service.service_bench import serving, slotwise_command

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Service(NamedTuple):
    """A `slotwise serve` with the ready bundle and a store of corrections."""

    url: str
    admin_key: str
    store: str


@pytest.fixture(scope="session")
def service(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    key, hashed = new_key()
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/corrections.sqlite"
    with serving(*slotwise_command(), corrections=store, admin_keys=hashed, follow_seconds=0) as server:
        server.wait_until_ready()
        yield Service(server.url, key, store)


OpenPage = Callable[..., "AbstractContextManager[Page]"]


@pytest.fixture
def open_page(browser: "Browser", service: Service) -> OpenPage:
    """A tab of its own. At its end: nothing was asked of anybody else, and the console is clean but for what was
    `expected`."""

    @contextmanager
    def opened(fragment: str = "", url: str | None = None, expected: str = "^$", **context: Any) -> "Iterator[Page]":
        home = url or service.url
        options = {"timezone_id": "Asia/Taipei", "locale": "en-US", "viewport": {"width": 1000, "height": 900}}
        tab = browser.new_context(**options | context)
        page = tab.new_page()
        page.set_default_timeout(10_000)
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        # An answer that is a problem is in the console, and on the page, which the tests look at.
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text)
                if said.type in ("error", "warning")
                and "/v1/" not in said.location["url"]
                and not regex.search(expected, said.text)
                else None
            ),
        )
        page.goto(f"{home}/{fragment}")
        page.locator("#result:not([hidden]), #problem:not([hidden])").first.wait_for()
        yield page
        tab.close()
        assert {url.split("/v1/")[0].split("/static/")[0].rstrip("/") for url in asked} == {home}
        assert wrong == []

    return opened


@pytest.fixture
def page(open_page: OpenPage) -> "Iterator[Page]":
    with open_page() as page:
        yield page
