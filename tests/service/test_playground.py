"""The page as it is sent; what it does in a browser is in tests/browser."""

from pathlib import Path

import pytest
import regex
from httpx import Client

from service.playground.serve import FOLDER

FILES = sorted(path for path in FOLDER.iterdir() if path.is_file())
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def path_of(file: Path) -> str:
    return "/" if file.name == "index.html" else f"/static/{file.name}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_is_served_as_it_is_and_lets_nothing_else_in(client: Client, file: Path) -> None:
    answer = client.get(path_of(file))
    assert answer.status_code == 200
    assert answer.content == file.read_bytes()
    assert answer.headers["content-type"].split(";")[0] == TYPES[file.suffix]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


def test_an_unchanged_file_is_not_sent_again(client: Client) -> None:
    first = client.get("/static/page.js")
    assert first.headers["cache-control"] == "no-cache"
    etag = first.headers["etag"]
    for said in (etag, f"W/{etag}", f'"other", {etag}'):
        again = client.get("/static/page.js", headers={"If-None-Match": said})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get("/static/page.js", headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.head("/").headers["content-length"] == str(len(client.get("/").content))


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fserve.py", "%2E%2E/serve.py", "", "../../etc/passwd"])
def test_nothing_but_these_files_is_served(client: Client, name: str) -> None:
    answer = client.get(f"/static/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_refers_to_another_origin_or_to_a_file_that_is_not_there(client: Client, file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not regex.search(r"https?:|[\"'(]//|@import|url\(", text)
    assert not regex.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text)
    if file.suffix == ".html":
        assert not regex.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", text)
    referred = regex.findall(r"""(?:src|href)="(static/[^"]*)"|from "\./([^"]+)\"""", text)
    assert referred or file.suffix != ".html"
    for page, module in referred:
        assert client.get(f"/{page or 'static/' + module}").status_code == 200


def test_the_page_is_counted_file_by_file_under_one_name(client: Client) -> None:
    for file in FILES:
        client.get(path_of(file))
    metrics = client.get("/metrics").text
    assert 'slotwise_requests_total{method="GET",route="/static/{name}",status="200"}' in metrics
    assert 'slotwise_requests_total{method="GET",route="/",status="200"}' in metrics
