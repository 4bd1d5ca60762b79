"""A real browser for the journeys: every page is watched for errors, refused content and failed requests."""

import logging
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.handlers.base import BaseHandler
from django.utils import timezone

playwright_api = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: All rules of those tags; but nothing is named by selectors, and no style sheet fetched again.
AXE_RUN = """tags => axe.run(document,
    {runOnly: tags, resultTypes: ["violations"], selectors: false, preload: false})
    .then(({violations}) => violations)"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = {"width": 390, "height": 844}
#: What makes a window wider than it is: it ends outside, and nothing around it can be scrolled by itself.
SIDEWAYS = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")]
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
    .map((node) => node.outerHTML.slice(0, 120)).slice(-12)"""
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
    playwright_api.expect.set_options(timeout=30_000)
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package", autouse=True)
def one_request_at_a_time():
    """As a worker of the real server, which has one thread; here all threads share one SQLite connection."""
    turn, respond = threading.RLock(), BaseHandler.get_response

    def wait_and_respond(handler, request):
        with turn:
            return respond(handler, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseHandler, "get_response", wait_and_respond)
        yield


@pytest.fixture
def faults():
    """What went wrong in the browser, or in the server's log as an error or worse.

    A journey that provokes a fault on purpose clears the list.
    """
    noted = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: noted.append(f"server: {record.levelname} {record.getMessage()}")
    logging.getLogger().addHandler(handler)
    yield noted
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def watch(browser, live_server, transactional_db, anchored, faults):
    """`watch(locale="en")` opens a window with cookies of its own: one for each person of a journey."""
    contexts = []

    def open_window(locale="zh-TW", **options):
        context = browser.new_context(
            # no transitions: colours are looked at the moment they are there
            base_url=live_server.url,
            locale=locale,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note_console(message, faults))
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on("requestfailed", lambda request: _note_request(request, faults))
        page.on("response", lambda response: _note_response(response, faults))
        page.on("dialog", lambda dialog: _note_dialog(dialog, faults))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(watch):
    """A window in Chinese; the test fails at its end if anything went wrong in it."""
    return watch()


@pytest.fixture
def axe():
    """`axe(page)` fails with every rule of WCAG 2.2 A and AA that the page breaks, and where."""
    source = AXE.read_text(encoding="utf-8")

    def check(page):
        # through the debugger, so that the page's own content policy stays as it is
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(source)
        found = page.evaluate(AXE_RUN, WCAG)
        broken = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: "
            + "; ".join(node["html"] for node in rule["nodes"])
            for rule in found
        ]
        assert broken == [], f"{page.url}: " + "\n".join(broken)

    return check


@pytest.fixture
def look(axe):
    """`look(page)` holds `axe` against a page, on a desk by day, or with `phone=True` on a phone by night.

    `thoroughly=True` does both, and the desk by night. On neither may anything but what scrolls by itself be
    wider than the window, which is left as it was found.
    """

    def no_wider(page):
        for _again in range(20):  # a window that was just resized takes a moment
            too_wide = page.evaluate(SIDEWAYS)
            if not too_wide:
                break
            page.wait_for_timeout(100)
        assert too_wide == [], f"{page.url} is wider than {page.viewport_size}: {too_wide}"

    def check(page, *, phone=False, thoroughly=False):
        page.wait_for_load_state()  # of the page that a click may just have led to
        desk = page.viewport_size
        if thoroughly or not phone:
            axe(page)
        no_wider(page)
        if thoroughly or phone:
            page.emulate_media(color_scheme="dark")
        if thoroughly:
            axe(page)
        page.set_viewport_size(PHONE)
        if thoroughly or phone:
            axe(page)
        no_wider(page)
        if thoroughly or phone:
            page.emulate_media(color_scheme="light")
        page.set_viewport_size(desk)

    return check


@pytest.fixture
def later(monkeypatch):
    """`later(hours=2)` moves the site's clock on: the server runs in this process and asks `timezone.now`.

    To move the deadline in the database instead would change what was published, and the site tells.
    """
    real, ahead = timezone.now, [timedelta()]

    def move_on(**by):
        ahead[0] += timedelta(**by)

    monkeypatch.setattr(timezone, "now", lambda: real() + ahead[0])
    return move_on


def _note_console(message, faults):
    # Refusals of the content policy come here too: "Refused to apply inline style ..."
    if message.type in {"error", "warning"}:
        faults.append(f"console: {message.text}")


def _note_dialog(dialog, faults):
    # Nobody is asked anything on a walk that saves what it types.
    faults.append(f"dialog: {dialog.type} {dialog.message}")
    dialog.accept()


def _note_request(request, faults):
    # A download ends the navigation that began it.
    if request.failure != "net::ERR_ABORTED":
        faults.append(f"request failed: {request.url}: {request.failure}")


def _note_response(response, faults):
    if response.status >= 400:
        faults.append(f"{response.status}: {response.url}")
