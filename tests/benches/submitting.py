"""How long it takes to hand in bids of 20 MB that are staged, twenty at once, through a server of its own."""

import os
import re
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from threading import Barrier
from urllib.parse import urlencode
from uuid import uuid4

import django

from tests.benches import said
from tests.benches.content import MB, bundle
from tests.benches.surroundings import ROOT

VENDORS, ROUNDS = 20, 5
SECONDS = 1.0
#: As `make demo` starts it, with memory that is overwritten when it is given back.
SERVER = ["gunicorn", "procurement.wsgi", "--workers", "2", "--threads", "1", "--no-control-socket"]
OVERWRITING = {
    "PYTHONMALLOC": "malloc",
    "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
}
FORM = "application/x-www-form-urlencoded"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Browser:
    """A vendor's person who is signed in; every request has a connection of its own."""

    def __init__(self, port, username, password):
        self.port, self.cookies, self.token = port, {}, ""
        self.ask("GET", "/sign-in/")
        status, _text = self.post("/sign-in/", {"username": username, "password": password})
        if status != 302:
            raise SystemExit(f"{username} was not let in: {status}")

    def ask(self, method, path, body=None, kind=FORM):
        """Status and text of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, {"Cookie": cookies, "Content-Type": kind})
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        text = answer.read().decode()
        connection.close()
        for token in TOKEN.findall(text):
            self.token = token
        return answer.status, text

    def post(self, path, fields):
        return self.ask("POST", path, urlencode(fields | {"csrfmiddlewaretoken": self.token}))

    def upload(self, path, fields, name, content):
        """Send a file as a form does."""
        edge = uuid4().hex
        body = b""
        for key, value in (fields | {"csrfmiddlewaretoken": self.token}).items():
            body += f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body += head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.ask("POST", path, body, f"multipart/form-data; boundary={edge}")


def build(now):
    """A tender on which everybody has a bid of 20 MB staged; what a form for it holds but version and key."""
    django.setup()
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415 - needs Django to be set up
    from django.core.management import call_command  # noqa: PLC0415

    from tests.benches import bank  # noqa: PLC0415
    from tests.secrets import PASSWORD, opened_drafts  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    tender = bank.enter_tender(now, now + timedelta(days=7))
    people = [bank.enter_vendor(number, make_password(PASSWORD)) for number in range(VENDORS)]
    for person in people:
        bank.stage(person, opened_drafts(person), tender, bundle(0), now)
    fields = {"price": bank.PRICE, "password": PASSWORD}
    keys = list(tender.requirements.values_list("pk", flat=True))
    for key in keys:
        fields |= {f"answer-{key}": "met", f"note-{key}": "We do.", f"evidence-{key}": "", f"until-{key}": ""}
    return f"/tenders/{tender.pk}/bid/", [person.username for person in people], keys, fields


@contextmanager
def server():
    """A server on a port that is free; ended at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", *SERVER, "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | OVERWRITING) as process:
        try:
            for _ in range(300):
                with socket.socket() as asked:
                    if asked.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()


def hand_in(browser, address, fields, together):
    """Hand in what is staged as soon as everybody is ready; the seconds until there was an answer."""
    page = browser.ask("GET", address)[1]
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    together.wait()
    start = time.perf_counter()
    status, _text = browser.post(f"{address}submit/", fields | {"version": version, "key": str(uuid4())})
    spent = time.perf_counter() - start
    if status != 302:
        raise SystemExit(f"a bid was not taken: {status}")
    return spent


def upload(browser, address, keys):
    """Stage the files of one more bid through the server, one after the other."""
    files = bundle(0)
    start = time.perf_counter()
    for number, (name, content) in enumerate(files):
        status, _text = browser.upload(
            f"{address}files/", {"requirement": keys[number % len(keys)]}, name, content
        )
        if status != 302:
            raise SystemExit(f"a file was not taken: {status}")
    spent = time.perf_counter() - start
    size = sum(len(content) for _name, content in files) / MB
    print(f"{size:.0f} MB uploaded, inspected and sealed: {spent:.2f} s, {size / spent:.0f} MB/s", flush=True)


def main():
    """Everybody hands in at once, a few times; every time is a version more."""
    from django.utils import timezone  # noqa: PLC0415 - needs the settings

    address, names, keys, fields = build(timezone.now())
    together = Barrier(len(names))
    with server() as port, ThreadPoolExecutor(len(names)) as crowd:
        browsers = list(crowd.map(lambda name: Browser(port, name, fields["password"]), names))
        taken = []
        for _ in range(ROUNDS):
            taken += crowd.map(lambda browser: hand_in(browser, address, fields, together), browsers)
        upload(browsers[0], address, keys)
    middle, high = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    note = f"p50 {middle:.2f} s, longest {max(taken):.2f} s"
    said(f"{len(taken)} bids of 20 MB handed in, {len(names)} at once: p95", high, SECONDS, note=note)


if __name__ == "__main__":
    main()
