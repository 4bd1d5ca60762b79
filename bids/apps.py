"""The bids app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BidsConfig(AppConfig):
    """Bids, marks, rankings and awards."""

    name = "bids"
    verbose_name = _("Bids")
    default_auto_field = "django.db.models.BigAutoField"
