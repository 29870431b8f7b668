"""The pictures of docs/playground.md: python -m tests.browser.pictures"""

from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from service.service_bench import serving, slotwise_command
from tests.conftest import CHROMIUM

FOLDER = Path(__file__).parents[2] / "docs" / "images"
REFERENCE = {"reference": "2026-11-20T10:00", "timezone": "Asia/Taipei"}

# name: colours, width and height, sentence, the words that are chosen, the slot that they get
PICTURES = {
    "playground": ("light", (960, 1010), "Two adults from Boston to New York via Chicago on Friday", "Chicago", None),
    "playground-dark": ("dark", (400, 860), "帮我订两张后天下午从北京到上海的高铁票", "上海", "stopover"),
}


def take() -> None:
    with serving(*slotwise_command(), corrections="off") as server, sync_playwright() as driver:
        server.wait_until_ready()
        browser = driver.chromium.launch(executable_path=CHROMIUM)
        for name, (colours, (width, height), text, words, slot) in PICTURES.items():
            page = browser.new_page(color_scheme=colours, viewport={"width": width, "height": height})
            page.goto(f"{server.url}/#{urlencode({'text': text} | REFERENCE)}")
            page.locator("mark", has_text=words).click()
            if slot:
                page.locator("#chooser").get_by_role("button", name=slot, exact=True).click()
                page.locator("#asking").evaluate("form => scrollBy(0, form.getBoundingClientRect().top - 16)")
            page.evaluate("document.activeElement.blur()")
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    take()
