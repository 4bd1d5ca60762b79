"""The door for a production server: `gunicorn procurement.wsgi`."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")

if not settings.SECRET_KEY_IS_SET:
    raise ImproperlyConfigured("ASSAY_SECRET_KEY is not set: sign-ins would not survive a restart.")

site = get_wsgi_application()

from procurement.audit.checkpoints import report_at_start  # noqa: E402 - models can be loaded from here on
from procurement.middleware import Forgetting  # noqa: E402 - as above

report_at_start()
application = Forgetting(site)
# What is loaded by now, with all pages, stays: looking for what can be forgotten takes milliseconds.
import_module(settings.ROOT_URLCONF)
for folder in (settings.ROOT / wing / "templates" for wing in ("procurement", "bids")):
    for page in folder.rglob("*.html"):
        get_template(page.relative_to(folder).as_posix())
gc.collect()
gc.freeze()
