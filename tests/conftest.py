"""What every test runs under: cheap passwords, plain HTTP, folders of its own, and no silent skips.

With ASSAY_REQUIRE_ALL=1 (as in CI) a test that would be skipped fails: nothing may be missing there.
Tests marked `sqlite` or `postgresql` run on the database that they name and are left out, not skipped, on the
other one, because CI runs the suite on both. What asks for no rows runs on SQLite only: it is the same there.
"""

import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.views.defaults import page_not_found, permission_denied

from bids.sealing.wrapping import FileKeyWrapper
from procurement.signing.keys import make_key_file

REQUIRE_ALL = os.environ.get("ASSAY_REQUIRE_ALL") == "1"
SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"

pytest_plugins = ["tests.cast"]


def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if _belongs_to_the_other_run(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def pytest_collection_finish():
    """What is loaded by now stays, and need not be looked at each time that memory is tidied up."""
    gc.collect()
    gc.freeze()


def _belongs_to_the_other_run(item) -> bool:
    if connection.vendor == "sqlite":
        return item.get_closest_marker("postgresql") is not None
    of_database = item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames)
    return item.get_closest_marker("sqlite") is not None or not of_database


def _refuse_skip(report):
    if REQUIRE_ALL and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"{report.nodeid}: nothing may be skipped here, but: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    report = yield
    _refuse_skip(report)
    return report


def _new_system_key(path: Path) -> Path:
    FileKeyWrapper.make(path)
    return path


@pytest.fixture(scope="session", autouse=True)
def settings_for_tests(django_test_environment, tmp_path_factory) -> Iterator[None]:
    """The settings that tests change, and no others."""
    var = tmp_path_factory.mktemp("var")
    (var / "static").mkdir()
    with override_settings(
        # Argon2 is slow on purpose; a test of its own looks at the real setting.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SEALING_COST=(8, 1, 1),
        SYSTEM_KEY=_new_system_key(tmp_path_factory.mktemp("keys") / "system.key"),
        # The test client and the live server speak plain HTTP.
        SECURE_SSL_REDIRECT=False,
        SESSION_COOKIE_SECURE=False,
        CSRF_COOKIE_SECURE=False,
        MEDIA_ROOT=var / "media",
        STATIC_ROOT=var / "static",
        # No key and no anchors: tests of checkpoints bring their own, because each begins with another trail.
        SIGNING_KEY=var / "keys" / "signing.key",
        ANCHORS=var / "anchors",
        # No collectstatic before a test: static files come from where they lie.
        STORAGES=settings.STORAGES
        | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def flush_past_the_triggers(settings_for_tests) -> Iterator[None]:
    """A test with transactions of its own empties the database at its end, and the audit trail refuses that.

    For that moment its triggers are taken away, and the head row that a migration made is put back. A page
    that is still asking for something keeps a table of SQLite locked until it has its answer.
    """
    from procurement.models.audit import TRIGGERS, AuditHead  # noqa: PLC0415 - needs the apps to be loaded

    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_everything(operations, statements):
        make, drop = TRIGGERS[operations.connection.vendor]
        for patience in range(20, -1, -1):
            try:
                flush(operations, [*drop, *statements, *make])
                break
            except OperationalError:
                if not patience:
                    raise
                time.sleep(0.25)
        AuditHead.objects.get_or_create(pk=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_everything)
        yield


@pytest.fixture(autouse=True)
def unwatched_clock(monkeypatch):
    """Tests stop the clock and move it about, which is no attack; tests of the clock itself put this away."""
    monkeypatch.setattr("procurement.clock.watch", lambda now: None)


@pytest.fixture(autouse=True)
def unwatched_anchors(monkeypatch):
    """Every test begins with another database; tests of restored backups put this away, too."""
    from procurement.audit.checkpoints import AnchorState  # noqa: PLC0415 - needs the apps to be loaded

    monkeypatch.setattr("procurement.audit.standing.look", lambda: AnchorState(None))


@pytest.fixture
def short_refusals(monkeypatch) -> None:
    """A refusal has its page around it the first time that a session is told it, from then on it has none.

    For walks over hundreds of addresses, most of which end so: around the reason is the same page each time.
    """
    told = set()

    def short(whole: Callable, status: int) -> Callable:
        def answer(request: HttpRequest, exception: Exception) -> HttpResponse:
            reason = str(exception) if status == 403 else ""  # the page of a 404 gives none
            key = (request.session.session_key, status, reason)
            if key not in told:
                told.add(key)
                return whole(request, exception)
            return HttpResponse(reason, status=status)

        return answer

    monkeypatch.setattr("procurement.urls.handler403", short(permission_denied, 403), raising=False)
    monkeypatch.setattr("procurement.urls.handler404", short(page_not_found, 404), raising=False)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference cases and data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the reference data folder is not beside the repository")
    return SHARED.resolve()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium to drive; the one without a window costs a third."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    path = os.environ.get("ASSAY_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not path:
        pytest.skip("no Chromium: install Debian's package chromium-headless-shell, or set ASSAY_CHROMIUM")
    return path


@pytest.fixture(scope="session")
def soffice() -> str:
    """The path of LibreOffice."""
    path = shutil.which("soffice") or shutil.which("libreoffice")
    if not path:
        pytest.skip("no LibreOffice: install Debian's package libreoffice-calc")
    return path


@pytest.fixture(scope="session")
def signing_key_file(tmp_path_factory) -> Path:
    """One key signs in all tests, so that what was signed once can be put back for another test."""
    path = tmp_path_factory.mktemp("signing") / "signing.key"
    make_key_file(path)
    return path


@pytest.fixture
def anchored(settings, tmp_path, signing_key_file) -> Path:
    """A signing key, and the folder of anchors, which holds no checkpoint yet."""
    settings.SIGNING_KEY = tmp_path / "keys" / "signing.key"
    settings.ANCHORS = tmp_path / "anchors"
    settings.SIGNING_KEY.parent.mkdir(mode=0o700)
    shutil.copy2(signing_key_file, settings.SIGNING_KEY)
    return settings.ANCHORS
