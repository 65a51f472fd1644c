"""The page /docs of the REST service: all routes, in a browser that is given no other host."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from playwright.sync_api import Page

from tests.service import TOKEN, Served

pytestmark = pytest.mark.slow

CSP = "Content-Security-Policy"

pytest.importorskip("fastapi_swagger", reason='needs pip install "memeprobe[service]"')


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service that wants a token."""
    service = Served(tmp_path_factory.mktemp("guarded") / "w.sqlite", tokens=TOKEN)
    yield service
    service.end()


def test_the_page_lists_every_route_and_asks_no_other_host(guarded: Served, page: Page) -> None:
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda r: wrong.append(r.url) if r.status >= 400 else None)
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.goto(f"{guarded.url}/docs")
    page.wait_for_selector(".opblock")
    shown = {
        (
            row.locator(".opblock-summary-method").inner_text().lower(),
            row.locator(".opblock-summary-path").get_attribute("data-path"),
            row.locator(".opblock-summary-description").inner_text() != "",
        )
        for row in page.locator(".opblock-summary").all()
    }
    told = httpx.get(f"{guarded.url}/openapi.json").json()["paths"]
    assert shown == {(m, path, True) for path, methods in told.items() for m in methods}
    assert not any("`" in told for told in page.locator(".opblock-summary").all_inner_texts())
    page.locator(".btn.authorize").first.click()
    page.locator(".modal-ux input").fill(TOKEN)
    page.locator(".modal-ux button[type=submit]").click()
    page.locator(".modal-ux .btn-done").click()
    row = page.locator(".opblock", has=page.locator('[data-path="/v1/sets"]'))
    for control in page.locator(".opblock-summary-control").all():
        control.click()  # its answers' fields are drawn
    page.wait_for_function(f"document.querySelectorAll('.responses-table').length == {len(shown)}")
    row.locator(".try-out__btn").click()
    row.locator(".execute").click()
    answer = row.locator(".live-responses-table")
    answer.wait_for()
    assert "200" in answer.inner_text() and "reveal" in answer.inner_text()
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith("data:")}
    assert hosts == {urlsplit(guarded.url).netloc}
    assert wrong == []


def test_the_page_is_open_and_nothing_beside_it(guarded: Served) -> None:
    with httpx.Client(base_url=guarded.url) as http:
        page = http.get("/docs")
        assert page.status_code == 200 and "default-src 'self'" in page.headers[CSP]
        script = http.get("/docs/files/swagger-ui-bundle.js")
        assert script.status_code == 200 and len(script.content) > 10**6
        for path in ("/redoc", "/docs/", "/docs/files", "/docs/../v1/sets", "/metrics"):
            assert http.get(path).status_code == 401, path
        for path in ("/docs/files/..%2fmain.py", "/docs/files/none.js"):
            gone = http.get(path)
            assert (gone.status_code, gone.json()["error"]["type"]) == (404, "not_found"), path
