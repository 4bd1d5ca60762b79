"""A bid with markers goes through a real server, and until the opening nothing holds one of them.

Looked at are the database's file and its journal, the media folder, the temporary folder, logs, sessions,
mail, and the memory of every process of the server, for the markers in whatever way they may be written.
After the opening they are found, so the search is not blind.
"""

import base64
import http.cookiejar
import io
import json
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from pypdf.generic import DecodedStreamObject, NameObject

from tests.benches.surroundings import database
from tests.files.making import docx_file, pdf
from tests.sealing.test_memory import OVERWRITING, memory_of
from tests.secrets import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
#: A part of a marker that Python and Django could not have put together by chance.
WORD = secrets.token_hex(5)
MARKERS = {
    "note": f"Quarzfels {WORD} 岩盤方案",
    "price": f"13572{secrets.randbelow(10**6):06}.{secrets.randbelow(10**4):04}1",
    "name": f"Basalt-{WORD}.pdf",
    "pdf": f"Gneis-{WORD}-Gutachten",
    "docx": f"Schiefer-{WORD}-Beleg",
}
BANK = f"Bank {secrets.token_hex(8)}"
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="reads another process's memory as Linux shows it"
)


def spellings(text):
    """How a text may be written: encodings, escapes, hex, and base64 at each of its three places."""
    raw = text.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    found |= {text.encode(name) for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")}
    found |= {json.dumps(text)[1:-1].encode(), text.encode("unicode_escape")}
    found |= {urllib.parse.quote(text).encode(), urllib.parse.quote_plus(text).encode()}
    for shift in range(3):
        padded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        inner = padded[4 if shift else 0 : -4]  # what the neighbours do not change
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def to_look_for(ways):
    """The least that stands in all of them; encodings of plain letters differ by zeros at the ends."""
    bare = {way.strip(b"\0") for way in ways}
    return {way for way in bare if not any(other in way for other in bare - {way})}


SPELLINGS = {name: to_look_for(spellings(text)) for name, text in MARKERS.items()}


def found_in(data):
    """The markers that stand in it."""
    return {name for name, ways in SPELLINGS.items() if any(way in data for way in ways)}


class Server:
    """gunicorn as in production, on data of its own; the vendor's browser beside it."""

    def __init__(self, folder, url):
        self.folder, self.keys = folder, folder / "keys"
        self.var, self.temporary = folder / "var", folder / "tmp"
        for path in (self.keys, self.var, self.temporary):
            path.mkdir(mode=0o700, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.invariants.canary_settings",
            "DATABASE_URL": url,
            "ASSAY_VAR": str(self.var),
            "ASSAY_SECRET_KEY": secrets.token_urlsafe(64),
            "ASSAY_SYSTEM_KEY": str(self.keys / "system.key"),
            "ASSAY_SIGNING_KEY": str(self.keys / "signing.key"),
            "ASSAY_HTTPS": "0",
            "ASSAY_DEBUG": "0",
            "ASSAY_LOG_LEVEL": "DEBUG",
            # What every process knows: where the search finds it, it would find a marker, too.
            "ASSAY_BANK_NAME": BANK,
            "TMPDIR": str(self.temporary),
        }
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def step(self, name, *arguments):
        """A step in a process of its own, to its end; gives what it printed."""
        files = []
        for number, argument in enumerate(arguments):
            files.append(str(self.folder / f"argument-{number}"))
            Path(files[-1]).write_text(json.dumps(argument), encoding="utf-8")
        command = [sys.executable, "-m", "tests.invariants.canary_steps", name, *files]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def prepare(self):
        told = json.loads(self.step("prepare").splitlines()[-1])
        self.tender, self.asks, self.passphrases = told["tender"], told["asks"], told["passphrases"]

    def start(self):
        self.log = (self.folder / "server.log").open("wb")
        self.process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "gunicorn", "procurement.wsgi", "--bind", f"127.0.0.1:{self.port}"),
                *("--workers", "2", "--threads", "1", "--no-control-socket", "--log-level", "debug"),
                *("--access-logfile", "-", "--worker-tmp-dir", str(self.temporary)),
            ],
            cwd=ROOT,
            env=self.environment | OVERWRITING,
            stdout=self.log,
            stderr=self.log,
        )
        until = time.monotonic() + 90
        while True:
            try:
                self.get("/sign-in/")
                return
            except OSError:
                assert self.process.poll() is None, (self.folder / "server.log").read_text()
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.3)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()

    # --- the vendor's browser -------------------------------------------------------------------------------
    def get(self, path):
        with self.browser.open(self.address + path, timeout=60) as response:
            return response.read().decode()

    def token(self, page):
        return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]

    def post(self, path, page, fields, file=None):
        """Send a form of the page; gives the answer's text."""
        fields = {"csrfmiddlewaretoken": self.token(page), **fields}
        headers = {"Referer": self.address}
        if file is None:
            body = urllib.parse.urlencode(fields).encode()
        else:
            body, headers["Content-Type"] = multipart(fields, *file)
        request = urllib.request.Request(self.address + path, body, headers)  # noqa: S310 - our own server
        with self.browser.open(request, timeout=120) as response:
            return response.read().decode()

    def bid(self):
        """Sign in, write answers, upload two files, save, hand in, and look at it again."""
        self.post("/sign-in/", self.get("/sign-in/"), {"username": "vendor", "password": PASSWORD})
        path = f"/tenders/{self.tender}/bid/"
        said = {"price": MARKERS["price"], f"note-{self.asks[0]}": MARKERS["note"]}
        said |= {f"answer-{key}": "met" for key in self.asks}
        self.post(path, self.get(path), {"version": "0", **said})
        for name, content in ((MARKERS["name"], marked_pdf()), ("beleg.docx", marked_docx())):
            page = self.get(path)
            self.post(f"{path}files/", page, {"requirement": self.asks[0]}, (name, content))
        page = self.get(path)
        version = re.search(r'name="version" value="(\d+)"', page)[1]
        signed = {"version": version, "password": PASSWORD, "key": str(uuid4())}
        page = self.post(f"{path}submit/", page, {**said, **signed})
        assert MARKERS["price"] in page or "receipt" in page
        assert self.get(path).count(MARKERS["name"])
        return page

    # --- what holds something -------------------------------------------------------------------------------
    @property
    def processes(self):
        master = self.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [master, *map(int, children)]

    def memory(self):
        """The markers that stand in the memory of each process."""
        found = {}
        for pid in self.processes:
            areas = list(memory_of(pid))
            assert any(BANK.encode() in area for area in areas), "the search finds what is there"
            found[pid] = {name for area in areas for name in found_in(area)}
        assert len(found) > 2, "there are workers beside their master"
        return {pid: names for pid, names in found.items() if names}

    def disk(self):
        """Markers in every file of the site, names of files included, keys and log among them."""
        found = {}
        for path in self.folder.rglob("*"):
            if path.is_file() and not path.name.startswith("argument-"):
                found[path.name] = found_in(path.name.encode() + b"\0" + unpacked(path.read_bytes()))
        return {name: markers for name, markers in found.items() if markers}

    def journal(self):
        """Markers in the journal of SQLite while everything is being written anew, and is then undone."""
        stored = self.var / "assay.sqlite3"
        with sqlite3.connect(stored, isolation_level=None) as held:
            held.execute("PRAGMA cache_size = 10")
            held.execute("BEGIN IMMEDIATE")
            tables = held.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                if table not in ("procurement_auditentry", "sqlite_sequence"):
                    column = held.execute(f'SELECT * FROM "{table}" LIMIT 0').description[0][0]  # noqa: S608
                    held.execute(f'UPDATE "{table}" SET "{column}" = "{column}"')  # noqa: S608
            written = stored.with_name(f"{stored.name}-journal").read_bytes()
            held.execute("ROLLBACK")
        assert len(written) > 100_000, "the journal holds what was there"
        return found_in(written)

    def rows(self):
        return found_in(self.step("dump"))


def unpacked(data):
    """Data, and what is in it where it is a zip."""
    if data[:2] != b"PK":
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return data + b"\0".join(archive.read(name) for name in archive.namelist())


def marked_pdf():
    """The marker stands on the page as it is."""

    def write(writer):
        text = DecodedStreamObject()
        text.set_data(f"BT ({MARKERS['pdf']}) Tj ET".encode())
        writer.pages[0][NameObject("/Contents")] = writer._add_object(text)

    return pdf(write)


def marked_docx():
    return docx_file(lambda document: document.add_paragraph(MARKERS["docx"]))


def multipart(fields, name, content):
    """A form with a file as browsers send it."""
    limit = secrets.token_hex(16)
    parts = [
        f'--{limit}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{limit}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = b"".join([*parts, head.encode(), content, f"\r\n--{limit}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={limit}"


@pytest.fixture
def server(db, tmp_path_factory):
    folder = tmp_path_factory.mktemp("canaries")
    with database(str(folder)) as url:
        server = Server(folder, url)
        server.prepare()
        server.start()
        yield server
        server.stop()


def test_the_search_finds_every_spelling():
    for name, text in MARKERS.items():
        for way in spellings(text):
            assert name in found_in(b"before" + way + b"after")
    assert found_in(unpacked(marked_docx())) == {"docx"}


def test_until_the_opening_nothing_holds_what_was_written(server):
    server.bid()
    assert server.memory() == {}
    assert server.disk() == {}
    assert server.rows() == set()
    if connection.vendor == "sqlite":
        assert server.journal() == set()
    assert what_opens_without_officers(server) == set()
    server.step("open", server.passphrases)
    assert server.rows() >= {"note", "price", "name"}


def what_opens_without_officers(server):
    """Markers that a person reads with all rows, all files and the system key, but no other passphrase."""
    return found_in(server.step("plunder", server.passphrases))
