"""The site's settings but for what only costs time: static files as they lie, and cheap keys of officers."""

from procurement.settings import *  # noqa: F403 - the settings themselves
from procurement.settings import STORAGES as _STORAGES

STORAGES = _STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
SEALING_COST = (8, 1, 1)
