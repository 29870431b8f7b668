"""What somebody does on the playground's page."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def marks(page: "Page") -> list[tuple[str, str]]:
    """Slot and words of each mark, as they are in the sentence."""
    found = page.locator("mark").evaluate_all("all => all.map(mark => [mark.dataset.slot, mark.textContent])")
    return [(slot, words) for slot, words in found]


def type_sentence(page: "Page", text: str) -> None:
    with page.expect_response("**/v1/parse"):
        page.get_by_label("Sentence", exact=True).fill(text)
    page.wait_for_function("text => document.querySelector('#sentence').textContent === text", arg=text)


def drag_over(page: "Page", start: int, end: int) -> None:
    """Select characters of the sentence, from edge to edge, with the mouse."""
    text = page.locator("#sentence").evaluate("root => root.textContent")
    units = [len(text[:place].encode("utf-16-le")) // 2 for place in (start, end)]
    left, right, height = page.locator("#sentence").evaluate(
        """(root, [start, end]) => {
            const range = document.createRange();
            const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
            for (let before = 0; nodes.nextNode(); before += nodes.currentNode.length) {
                const place = (at) => [nodes.currentNode, at - before];
                const inside = (at) => at >= before && at <= before + nodes.currentNode.length;
                if (inside(start)) range.setStart(...place(start));
                if (inside(end)) { range.setEnd(...place(end)); break; }
            }
            const box = range.getBoundingClientRect();
            return [box.left + 1, box.right - 1, (box.top + box.bottom) / 2];
        }""",
        units,
    )
    page.mouse.move(left, height)
    page.mouse.down()
    page.mouse.move(right, height, steps=5)
    page.mouse.up()


def choose(page: "Page", slot: str) -> None:
    page.locator("#chooser").get_by_role("button", name=slot, exact=True).click()


def remove_all(page: "Page") -> None:
    while (remove := page.locator("#slots").get_by_role("button", name="Remove")).count():
        remove.first.click()


def send(page: "Page") -> None:
    with page.expect_response("**/v1/corrections") as answered:
        page.get_by_role("button", name="Send correction").click()
    assert answered.value.status == 201, answered.value.text()
    page.locator("#sent").get_by_text("Sent, thank you").wait_for()
