"""The playground in a real Chromium, against the real service."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest

from data.tokens import tokenize
from service.keys import new_key
from service.service_bench import serving, slotwise_command
from tests.browser.conftest import OpenPage, Service
from tests.browser.page import choose, drag_over, marks, remove_all, send, type_sentence

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SENTENCE = "Two adults from Boston to New York next Friday after 6 pm"
EMOJI = "😀 to Oslo 👩‍👩‍👧‍👦, no, from Oslo 🇳🇴 on 5 May"


def fragment(**said: str) -> str:
    return f"#{urlencode(said)}"


def parsed(service: Service, text: str, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.post(
        f"{service.url}/v1/parse", json={"text": text, "timezone": "Asia/Taipei"} | fields
    ).json()
    return answer


def kept(service: Service) -> list[dict[str, Any]]:
    """The corrections that wait for review, as the API lists them."""
    answer = httpx.get(f"{service.url}/v1/corrections", headers={"X-API-Key": service.admin_key})
    found: list[dict[str, Any]] = answer.json()["corrections"]
    return found


def spans(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(slot["slot"], slot["text"]) for slot in answer["slots"]]


def test_a_typed_sentence_is_shown_as_the_service_answers_it(page: "Page", service: Service) -> None:
    type_sentence(page, SENTENCE)
    answer = parsed(service, SENTENCE)
    assert marks(page) == spans(answer)
    for entry, slot in zip(page.locator("#slots > li").all(), answer["slots"], strict=True):
        said = entry.inner_text()
        assert slot["slot"].replace("_", " ") in said
        percent = float(entry.locator(".sure").inner_text().split("%")[0])
        assert percent == pytest.approx(100 * slot["confidence"], abs=0.06)
        entry.locator("summary").click()
        assert orjson.loads(entry.locator("pre").inner_text()) == slot["value"]
    assert "Boston, Massachusetts, United States · BOS" in page.locator("#slots").inner_text()
    meta = page.locator("#meta").inner_text()
    assert answer["model"]["version"] in meta
    assert " ms" in meta
    page.get_by_text("Answer as JSON").click()
    assert orjson.loads(page.locator("#answer").inner_text())["frame"] == answer["frame"]


def test_every_example_shows_the_slots_it_is_there_for(page: "Page") -> None:
    languages = set()
    wanted = page.evaluate(
        """async () => {
            const { examplesFor } = await import("/static/examples.js");
            const { describeModel } = await import("/static/api.js");
            return examplesFor(await describeModel());
        }"""
    )
    for example in wanted:
        with page.expect_response("**/v1/parse"):
            page.get_by_role("button", name=example["text"], exact=True).click()
        page.wait_for_function("text => document.querySelector('#sentence').textContent === text", arg=example["text"])
        assert [slot for slot, _ in marks(page)] == example["slots"], example
        languages.add(page.locator("#sentence").get_attribute("lang"))
    assert languages == {"en", "zh"}


def test_clock_zone_and_question_are_asked_with(page: "Page") -> None:
    page.locator("#settings summary").click()
    type_sentence(page, "tomorrow at 9 am to Oslo")
    page.get_by_label("Reference time").fill("2026-11-20T23:30")
    page.get_by_label("Time zone of the speaker").fill("America/New_York")
    with page.expect_request("**/v1/parse") as asked:
        page.get_by_label("Time zone of the speaker").blur()
    assert asked.value.post_data_json["reference_time"] == "2026-11-20T23:30:00-05:00"
    page.get_by_text("Saturday, 21 November 2026, 09:00").wait_for()
    type_sentence(page, "San Diego.")
    assert marks(page) == []
    page.get_by_label("Asked before").select_option("origin")
    page.locator("mark").wait_for()
    assert marks(page) == [("origin", "San Diego")]
    page.get_by_label("Language").select_option("Chinese")
    page.locator("#meta").get_by_text("Chinese").wait_for()


@pytest.fixture(scope="module")
def modules(browser: "Browser", service: Service) -> "Iterator[Page]":
    """A page to ask the modules in."""
    page = browser.new_page()
    page.goto(service.url)
    yield page
    page.close()


@pytest.mark.parametrize("zone", ["Asia/Taipei", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("wall", ["2026-11-20T10:00", "2026-07-01T00:30", "2026-03-08T03:30", "2026-10-25T12:00"])
def test_a_wall_clock_gets_the_offset_of_its_zone(modules: "Page", zone: str, wall: str) -> None:
    said = modules.evaluate(
        "([wall, zone]) => import('/static/clock.js').then(m => m.withOffset(wall, zone))", [wall, zone]
    )
    assert said == datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize(
    "text",
    [EMOJI, "8am to König's\u0308 Cross 東京へ行く\u3000京都", "क्षत्रिय a\u200db 1٢3 ﬁn\n\tx", "🏴󠁧󠁢󠁥󠁮󠁧󠁿👍🏽é́ no_slot UA-328"],
)
def test_places_and_words_are_counted_as_the_service_counts_them(modules: "Page", text: str) -> None:
    found = modules.evaluate(
        """text => import('/static/text.js').then(m => m.tokens(text).map(
            ({start, end}) => [m.slice(text, start, end), start, end, m.toUnits(text, start),
                               m.toCodePoints(text, m.toUnits(text, end))]))""",
        text,
    )
    assert found == [[*token, len(text[: token.start].encode("utf-16-le")) // 2, token.end] for token in tokenize(text)]


def time_value(kind: str, start: str | None, end: str | None, grain: str = "day", value: str = "") -> dict[str, Any]:
    return {"type": "time", "kind": kind, "start": start, "end": end, "grain": grain, "value": value}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (time_value("date", "2027-11-02T00:00:00+08:00", "2027-11-03T00:00:00+08:00"), "Tuesday, 2 November 2027"),
        (
            time_value("date", "2027-11-01T00:00:00-05:00", "2027-12-01T00:00:00-05:00", "month"),
            "Monday, 1 November 2027 to Tuesday, 30 November 2027",
        ),
        (
            time_value("datetime", "2027-11-02T15:30:00+08:00", "2027-11-02T15:31:00+08:00", "minute"),
            "Tuesday, 2 November 2027, 15:30",
        ),
        (
            time_value("interval", "2026-11-27T18:00:00-05:00", "2026-11-28T00:00:00-05:00", "hour"),
            "Friday, 27 November 2026, 18:00 to 24:00",
        ),
        (
            time_value("interval", "2026-11-27T22:00:00-05:00", "2026-11-28T02:00:00-05:00", "hour"),
            "Friday, 27 November 2026, 22:00 to Saturday, 28 November 2026, 02:00",
        ),
        (time_value("after", "2026-11-27T18:00:00-05:00", None, "hour"), "from Friday, 27 November 2026, 18:00 on"),
        (time_value("before", None, "2026-11-27T18:00:00Z", "hour"), "until Friday, 27 November 2026, 18:00"),
        (time_value("duration", None, None, value="P1W2DT1H30M"), "1 week 2 days 1 hour 30 minutes"),
        ({"type": "count", "value": 2, "minimum": 2, "maximum": 3, "breakdown": None}, "2 to 3"),
        ({"type": "count", "value": 2, "minimum": 2, "maximum": None, "breakdown": None}, "at least 2"),
        ({"type": "count", "value": 3, "minimum": None, "maximum": 3, "breakdown": None}, "at most 3"),
        (
            {"type": "count", "value": 3, "minimum": 3, "maximum": 3, "breakdown": {"adults": 2, "infants": 1}},
            "3 (2 adults, 1 infants)",
        ),
        ({"type": "place", "kind": "country", "name": "Georgia", "country": "GE", "iata": []}, "Georgia (country)"),
        (
            {"type": "place", "status": "unresolved", "reason": "unknown_place", "value": None},
            "no value: unknown place",
        ),
        ({"type": "text", "value": "economy"}, "economy"),
        ({"type": "heat", "value": {"grade": 3}}, '{"type":"heat","value":{"grade":3}}'),
    ],
)
def test_a_value_is_one_line_by_its_own_clock(modules: "Page", value: dict[str, Any], line: str) -> None:
    assert modules.evaluate("value => import('/static/values.js').then(m => m.line(value))", value) == line


def test_a_correction_by_mouse_is_sent_and_stored_by_code_points(page: "Page", service: Service) -> None:
    type_sentence(page, EMOJI)
    remove_all(page)
    first, last = EMOJI.index("Oslo"), EMOJI.rindex("Oslo")
    drag_over(page, first + 1, first + 3)  # inside the word: a slot holds whole words
    choose(page, "destination")
    drag_over(page, last, last + 4)
    choose(page, "origin")
    assert marks(page) == [("destination", "Oslo"), ("origin", "Oslo")]
    page.get_by_label("Note").fill("both ways 😀")
    send(page)
    [stored] = [one for one in kept(service) if one["text"] == EMOJI]
    assert [(slot["slot"], slot["start"], slot["end"]) for slot in stored["slots"]] == [
        ("destination", first, first + 4),
        ("origin", last, last + 4),
    ]
    assert stored["note"] == "both ways 😀"
    assert stored["id"] in page.locator("#sent").inner_text()


def test_a_correction_by_keyboard_alone(page: "Page", service: Service) -> None:
    text = "fly me to Narnia and to Mordor"

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    def tab_to(selector: str) -> None:
        for _ in range(60):
            press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"Tab does not get to {selector}")

    tab_to("#text")
    press("Control+a")
    page.keyboard.type(text)
    press("Enter")
    page.wait_for_function("text => document.querySelector('#sentence').textContent === text", arg=text)
    tab_to("#sentence")
    press("Control+Home", *["ArrowRight"] * text.index("Mordor"), *["Shift+ArrowRight"] * 3, "Enter")
    assert page.locator("#chooser-heading").inner_text() == "Slot of Mordor"
    press("Home", "ArrowRight", "ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "stopover"
    press("Enter")
    assert ("stopover", "Mordor") in marks(page)
    assert "is stopover" in page.locator("#status").inner_text()
    press("Control+Home", *["ArrowRight"] * (text.index("Narnia") + 2), "Enter")  # on a word, without selecting it
    assert page.locator("#chooser-heading").inner_text() == "Slot of Narnia"
    press("Home", "ArrowRight", "Enter")
    assert marks(page) == [("origin", "Narnia"), ("stopover", "Mordor")]
    press("Delete")  # the caret stands behind it
    assert marks(page) == [("stopover", "Mordor")]
    page.keyboard.type("x")  # changes nothing
    press("Enter", "Escape", "Backspace", "Control+b", "Control+z")
    assert page.locator("#sentence").evaluate("root => root.textContent") == text
    assert page.locator("#text").input_value() == text
    tab_to("#correction button.strong")
    press("Enter")
    page.locator("#sent").get_by_text("Sent, thank you").wait_for()
    [stored] = [one for one in kept(service) if one["text"] == text]
    assert [slot["slot"] for slot in stored["slots"]] == ["stopover"]


def test_a_correction_by_touch(open_page: OpenPage) -> None:
    with open_page(fragment(text="Arrive Taipei"), has_touch=True, is_mobile=True) as page:
        page.locator("mark", has_text="Taipei").tap()
        assert page.locator("#chooser [aria-pressed=true]").inner_text() == "destination"
        page.locator("#chooser").get_by_role("button", name="origin", exact=True).tap()
        assert marks(page) == [("origin", "Taipei")]
        # Handles of a finger's selection move the document's selection, nothing else.
        page.evaluate(
            "getSelection().setBaseAndExtent(document.querySelector('#sentence').firstChild, 0,"
            "                                document.querySelector('mark').firstChild, 6)"
        )
        page.locator("#chooser").get_by_text("Arrive Taipei").wait_for()
        page.locator("#chooser").get_by_role("button", name="no slot").tap()
        assert marks(page) == []


def test_spans_are_moved_removed_taken_from_other_readings_and_put_back(page: "Page") -> None:
    text = "from Oslo to New York"
    type_sentence(page, text)
    before = marks(page)
    assert before == [("origin", "Oslo"), ("destination", "New York")]
    page.get_by_role("button", name="Change destination “New York”").click()
    page.keyboard.press("Shift+ArrowLeft")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")
    assert page.locator("#chooser-heading").inner_text() == "Slot of New"
    choose(page, "destination")
    assert marks(page)[1] == ("destination", "New")
    assert page.locator("#changes").inner_text() == "“New York” → “New” is destination"
    page.get_by_role("button", name="Undo all").click()
    assert marks(page) == before
    assert page.locator("#correction").is_hidden()
    page.locator("#slots summary").last.click()
    page.locator("#slots .others button:visible").first.click()
    assert marks(page) != before
    page.get_by_role("button", name="Undo all").click()
    page.get_by_role("button", name="Remove origin “Oslo”").click()
    assert page.locator("#changes").inner_text() == "“Oslo” is not origin"
    drag_over(page, 5, 9)
    choose(page, "origin")
    assert page.locator("#correction").is_hidden()


def test_changes_outlive_other_settings_and_other_sentences(page: "Page") -> None:
    type_sentence(page, SENTENCE)
    page.get_by_role("button", name="Remove origin “Boston”").click()
    changed = marks(page)
    page.locator("#settings summary").click()
    with page.expect_response("**/v1/parse"):
        page.get_by_label("Language").select_option("English")
    type_sentence(page, "to Oslo")
    type_sentence(page, SENTENCE)
    assert marks(page) == changed
    assert page.locator("#correction").is_visible()


def test_what_was_asked_before_belongs_to_a_correction(page: "Page", service: Service) -> None:
    with page.expect_response("**/v1/parse"):
        page.get_by_role("button", name="San Diego, please").click()
    page.locator("mark", has_text="San Diego").click()
    choose(page, "stopover")
    send(page)
    [stored] = [one for one in kept(service) if one["text"] == "San Diego, please"]
    assert stored["requested_slot"] == "destination"


def test_a_link_holds_sentence_and_settings_and_never_reaches_the_service(open_page: OpenPage) -> None:
    asked: list[str] = []
    said = {"text": "明天去大阪 😀", "lang": "zh", "timezone": "Asia/Tokyo", "reference": "2026-11-20T10:00"}
    with open_page(fragment(**said), permissions=["clipboard-read", "clipboard-write"]) as page:
        page.on("request", lambda request: asked.append(request.url))
        assert page.locator("#text").input_value() == said["text"]
        assert page.locator("#settings-said").inner_text() == "2026-11-20 10:00 · Asia/Tokyo · Chinese"
        assert page.locator("#slots").get_by_text("Saturday, 21 November 2026").is_visible()
        type_sentence(page, "to Oslo")
        assert "text=to+Oslo" in page.url
        assert "timezone=Asia%2FTokyo" in page.url
        page.get_by_role("button", name="Copy link").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
        with page.expect_response("**/v1/parse"):
            page.evaluate("hash => { location.hash = hash }", fragment(text="back to Bergen"))
        page.locator("mark", has_text="Bergen").wait_for()
    assert asked
    assert not any("#" in url or "Oslo" in url for url in asked)


@pytest.mark.parametrize(
    ("text", "zone", "reference"),
    [
        ("x" * 2001, "Asia/Taipei", ""),
        ("to Oslo", "Mars/Olympus", ""),
        ("to Oslo", "Mars/Olympus", "2026-11-20T10:00"),
        ("x" * 2001, "Mars/Olympus", ""),
    ],
)
def test_what_the_service_refuses_is_told_in_its_words(
    open_page: OpenPage, service: Service, text: str, zone: str, reference: str
) -> None:
    problem = parsed(service, text, timezone=zone)
    with open_page(fragment(text=text, timezone=zone, reference=reference)) as page:
        said = page.get_by_role("alert").inner_text().split("\n")
        assert [line for line in said if line] == [problem["title"], *(one["detail"] for one in problem["errors"])]
        assert page.locator("#result").is_hidden()


def test_a_service_that_is_gone_is_told_and_found_again(page: "Page") -> None:
    page.route("**/v1/parse", lambda route: route.abort())
    page.get_by_label("Sentence", exact=True).fill("to Oslo")
    page.get_by_role("alert").get_by_text("cannot be reached").wait_for()
    page.unroute("**/v1/parse")
    type_sentence(page, "to Oslo now")
    assert page.get_by_role("alert").is_hidden()


def test_what_is_typed_never_becomes_html(page: "Page") -> None:
    text = "<img src=x onerror=alert(1)> to <b>Oslo</b>"
    type_sentence(page, text)
    assert page.locator("#sentence").evaluate("root => root.textContent") == text
    assert page.locator("main img, main b:not(#chooser b)").count() == 0


def test_the_browser_lets_no_string_become_html_or_script(open_page: OpenPage) -> None:
    with open_page(expected="TrustedHTML|Content Security Policy") as page:
        assert page.evaluate("try { document.body.innerHTML = '<p>'; 'set' } catch (e) { e.name }") == "TypeError"
        page.evaluate("document.head.append(Object.assign(document.createElement('style'), {textContent: 'x{}'}))")
        refused = page.evaluate("fetch('https://example.com').then(() => 'asked', (e) => e.name)")
        assert refused == "TypeError"


@pytest.fixture(scope="module")
def guarded(service: Service) -> Iterator[Service]:
    """A service that wants keys and takes no corrections."""
    key, hashed = new_key()
    with serving(*slotwise_command(), corrections="off", parse_keys=hashed, follow_seconds=0) as server:
        server.wait_until_ready()
        yield Service(server.url, key, "off")


def test_a_key_is_asked_for_and_kept_for_the_tab_alone(open_page: OpenPage, guarded: Service) -> None:
    with open_page(fragment(text="to Oslo"), url=guarded.url) as page:
        assert "there is no API key" in page.get_by_role("alert").inner_text()
        page.get_by_role("button", name="Enter an API key").click()
        page.keyboard.type(guarded.admin_key)
        page.keyboard.press("Tab")
        page.locator("mark", has_text="Oslo").wait_for()
        page.reload()
        page.locator("mark", has_text="Oslo").wait_for()
        assert guarded.admin_key not in page.url
        assert page.evaluate("JSON.stringify(localStorage) + document.cookie") == "{}"
        page.get_by_role("button", name="Remove destination").click()
        page.get_by_role("button", name="Send correction").click()
        page.get_by_role("alert").get_by_text("This service takes no corrections now").wait_for()
        assert "corrections are off" in page.get_by_role("alert").inner_text()
        assert page.locator("#correction").is_visible()  # nothing is lost
        page.get_by_role("button", name="Undo all").click()
        assert page.get_by_role("alert").is_hidden()


USABLE = {"button", "textbox", "combobox", "radio", "toolbar", "DisclosureTriangle"}

CONTRASTS = """() => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
        .getContext("2d", {willReadFrequently: true});
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const behind = (element, pseudo) => {
        if (pseudo) return behind(element.parentElement); // the label of a mark, outside of its wash
        const {backgroundColor, backgroundImage} = getComputedStyle(element);
        const own = rgba(/^linear-gradient\\((\\w+\\([^)]*\\))/.exec(backgroundImage)?.[1] ?? backgroundColor);
        return own[3] === 255 ? own : behind(element.parentElement);
    };
    const found = [];
    const add = (element, pseudo = "") => {
        const name = `${element.id || element.tagName} ${element.textContent.slice(0, 40)} ${pseudo}`;
        found.push([name, rgba(getComputedStyle(element, pseudo).color), behind(element, pseudo)]);
    };
    for (const element of document.querySelectorAll("body *")) {
        if (!element.checkVisibility() || ["SCRIPT", "OPTION"].includes(element.tagName)) continue;
        const speaks = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (speaks || element.value) add(element);
        if (element.matches("mark")) add(element, "::after");
    }
    return found;
}"""


def luminance(rgb: list[int]) -> float:
    """Relative, of sRGB (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb[:3])]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_what_is_behind_it(open_page: OpenPage, scheme: str) -> None:
    with open_page(color_scheme=scheme) as page:
        page.get_by_role("button", name="Two adults from Boston").click()
        page.locator("mark", has_text="Chicago").click()
        choose(page, "carrier")
        page.locator("mark", has_text="Boston").click()  # all slots stand in the chooser
        for summary in page.locator("summary").all():
            summary.click()
        found = page.evaluate(CONTRASTS)
        assert len(found) > 80
        ratios = {}
        for name, *colours in found:
            dark, bright = sorted(map(luminance, colours))
            ratios[name] = (bright + 0.05) / (dark + 0.05)
        assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}
        behind = luminance(page.evaluate(CONTRASTS)[0][2])
        assert behind > 0.9 if scheme == "light" else behind < 0.05


def test_dark_can_be_chosen_and_is_remembered(page: "Page") -> None:
    def paper() -> float:
        return luminance(page.evaluate(CONTRASTS)[0][2])

    assert paper() > 0.9
    page.get_by_label("Dark").check()
    assert paper() < 0.05
    page.reload()
    page.locator("#result:not([hidden])").wait_for()
    assert paper() < 0.05
    assert page.get_by_label("Dark").is_checked()


@pytest.mark.parametrize("width", [320, 600, 1400])
def test_nothing_sticks_out_at_any_width(open_page: OpenPage, width: int) -> None:
    long = fragment(text=f"Two adults from {'Llanfairpwllgwyngyll' * 4} to New York next Friday after 6 pm")
    with open_page(long, viewport={"width": width, "height": 700}) as page:
        page.locator("mark").last.click()
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_whatever_can_be_used_has_a_name_and_shows_the_focus(page: "Page") -> None:
    page.get_by_role("button", name="Two adults from Boston").click()
    page.locator("mark", has_text="Chicago").click()
    choose(page, "carrier")
    page.locator("mark", has_text="Boston").click()
    page.locator("#settings summary").click()
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    usable = [node for node in tree if node.get("role", {}).get("value") in USABLE]
    assert {node["role"]["value"] for node in usable} == USABLE
    names = [node["name"]["value"].strip() for node in usable]
    assert all(names), usable
    repeated = {name for name in names if names.count(name) > 1}
    assert repeated == set()
    page.evaluate("document.activeElement.blur()")
    stops = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        stop, outline = page.evaluate(
            """() => {
                const at = document.activeElement;
                const shown = at.matches(".theme input") ? at.nextElementSibling : at;
                const {outlineStyle, outlineWidth} = getComputedStyle(shown);
                return [at.id || at.getAttribute("aria-label") || at.textContent || at.value,
                        at === document.body || outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
            }"""
        )
        assert outline, stop
        stops.add(stop)
    assert {"text", "reference", "timezone", "sentence", "note", "undo", "copy"} <= stops


def test_results_are_said_and_motion_is_left_out_where_it_is_not_wanted(open_page: OpenPage) -> None:
    with open_page(reduced_motion="reduce") as page:
        type_sentence(page, "from Oslo to New York")
        assert page.get_by_role("status").inner_text() == "origin: Oslo; destination: New York"
        assert page.locator("#result").evaluate("e => getComputedStyle(e).transitionProperty") == "none"


def test_a_model_of_another_domain_is_shown_with_its_own_slots(page: "Page") -> None:
    model = httpx.get(page.url.split("#")[0] + "v1/model").json()
    model |= {"version": "other", "slots": {"dish": {"kind": "text", "description": "what to eat"}}}
    model["smoke"] = [{"text": "two soups", "lang": "en", "requested_slot": None, "slots": []}]
    answer = {
        "text": "two soups", "lang": "en", "frame": {}, "model": {"name": "food", "version": "other"},
        "intent": {"name": "order_food", "confidence": 0.9},
        "slots": [{"slot": "dish", "text": "soups", "start": 4, "end": 9, "confidence": 0.5, "alternatives": [],
                   "value": {"type": "heat", "value": {"grade": 3}}}],
    }  # fmt: skip
    page.route("**/v1/model", lambda route: route.fulfill(json=model))
    page.route("**/v1/parse", lambda route: route.fulfill(json=answer))
    type_sentence(page, "two soups")
    assert marks(page) == [("dish", "soups")]
    assert "food other" in page.locator("#meta").inner_text()
    assert "order food 90.0%" in page.locator("#meta").inner_text()
    assert page.locator("#examples").inner_text() == "two soups"
    page.locator("mark").click()
    assert page.locator("#choices").inner_text().split("\n") == ["dish", "no slot", "Cancel"]


def test_corrections_are_on_the_command_line_too(page: "Page", service: Service) -> None:
    text = "to Ulaanbaatar and nowhere else"
    type_sentence(page, text)
    page.locator("mark").first.click()
    choose(page, "origin")
    send(page)
    done = subprocess.run(
        [sys.executable, "-m", "slotwise", "corrections", "list", "--json"],
        env={"SLOTWISE_CORRECTIONS": service.store, "PATH": ""},
        capture_output=True,
        check=True,
    )
    assert text in done.stdout.decode()
