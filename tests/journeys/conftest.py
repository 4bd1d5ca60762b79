"""A real browser for the journeys: every page is watched for errors, refused content and failed requests."""

import os
from pathlib import Path

import pytest

playwright_api = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    """One worker walks all journeys, one after the other: a small machine cannot feed two browsers."""
    for item in items:
        if "/journeys/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.fixture(scope="package")
def browser(chromium):
    """One Chromium for all journeys."""
    # Playwright's synchronous interface keeps an event loop running in this thread, beside which Django would
    # refuse to query its database. Nothing here is asynchronous for real.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def faults():
    """What went wrong in the browser. A journey that provokes a fault on purpose clears the list."""
    return []


@pytest.fixture
def watch(browser, live_server, transactional_db, faults):
    """`watch(locale="en")` opens a window with cookies of its own: one for each person of a journey."""
    contexts = []

    def open_window(locale="zh-TW", **options):
        context = browser.new_context(
            base_url=live_server.url, locale=locale, accept_downloads=True, **options
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note_console(message, faults))
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on("requestfailed", lambda request: _note_request(request, faults))
        page.on("response", lambda response: _note_response(response, faults))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(watch):
    """A window in Chinese; the test fails at its end if anything went wrong in it."""
    return watch()


@pytest.fixture
def axe():
    """`axe(page)` fails with every rule of WCAG 2.2 A and AA that the page breaks, and where."""
    source = AXE.read_text(encoding="utf-8")

    def check(page):
        page.evaluate(source)  # through the debugger, so that the page's own content policy stays as it is
        found = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)
        broken = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: "
            + "; ".join(node["html"] for node in rule["nodes"])
            for rule in found["violations"]
        ]
        assert broken == [], f"{page.url}: " + "\n".join(broken)

    return check


def _note_console(message, faults):
    # Refusals of the content policy come here too: "Refused to apply inline style ..."
    if message.type in {"error", "warning"}:
        faults.append(f"console: {message.text}")


def _note_request(request, faults):
    # A download ends the navigation that began it.
    if request.failure != "net::ERR_ABORTED":
        faults.append(f"request failed: {request.url}: {request.failure}")


def _note_response(response, faults):
    if response.status >= 400:
        faults.append(f"{response.status}: {response.url}")
