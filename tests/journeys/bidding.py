"""The vendor's pages: answers, files, price, and handing in."""

import io
import subprocess
import sys

from openpyxl import Workbook
from playwright.sync_api import expect

from procurement.audit.checkpoints import signing_key
from procurement.signing import verify
from tests.cast import PASSWORD
from tests.files import making

PDF = making.pdf()


def pdf(name):
    """A small PDF as a file to choose."""
    return {"name": name, "mimeType": "application/pdf", "buffer": PDF}


def xlsx(name):
    """A small workbook as a file to choose."""
    content = io.BytesIO()
    book = Workbook()
    book.active.append(["R2", "tested", 42])
    book.save(content)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": name, "mimeType": kind, "buffer": content.getvalue()}


def open_bid(page, address):
    """From the list of tenders to one's own bid."""
    page.locator('nav.main a[href="/tenders/"]').click()
    page.locator(f'main a[href="{address}"]').click()
    page.locator("main a.btn-act[href$='/bid/']").click()
    expect(page.locator("#draft")).to_be_visible()


def time_runs(page):
    """The time left is counted down on the page."""
    left = page.locator("time[data-deadline]").first
    shown = left.inner_text()
    expect(left).not_to_have_text(shown, use_inner_text=True)


def answer(page, requirement, said, note=""):
    """Answer one requirement."""
    page.locator(f'label:has([name="answer-{requirement.pk}"][value="{said}"])').click()
    if note:
        page.locator(f'[name="note-{requirement.pk}"]').fill(note)


def attach(page, requirement, file):
    """Put a file beside an answer; it is there when its line is."""
    page.locator(f"#files-{requirement.pk} summary").click()
    page.locator(f'input[form="file-{requirement.pk}"][type=file]').set_input_files(file)
    page.locator(f'button[form="file-{requirement.pk}"]').click()
    line = page.locator(f"#files-{requirement.pk} .file", has_text=file["name"])
    expect(line).to_be_visible()


def write_price(page, text):
    """Type the price."""
    page.locator("[name=price]").fill(text)


def is_saved(page):
    """Wait for the draft to have saved itself."""
    expect(page.locator("#saved .chip.act")).to_be_visible()


def sign(page):
    """Type the password that a bid is handed in with."""
    page.locator("#before [name=password]").fill(PASSWORD)


def submit(page, number):
    """Hand in what stands on the page, signed; the receipt has the version's number."""
    sign(page)
    page.locator('button[formaction$="/submit/"]').click()
    expect(page.locator("#receipt dd").first).to_have_text(str(number))


def receipt(page, folder):
    """Download the receipt on the page."""
    return _downloaded(page, page.locator('#receipt a[href*="/receipts/"]').first, folder)


def refusal(page, folder):
    """Download the refusal of what came too late."""
    return _downloaded(page, page.locator('section[id^="late-"] a').first, folder)


def _downloaded(page, link, folder):
    with page.expect_download() as download:
        link.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def checked(path):
    """What the verifier says of a signed file, away from the site: only Python and the public key."""
    key = signing_key().public
    command = [sys.executable, "-I", verify.__file__, str(path), "--key", key]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode
