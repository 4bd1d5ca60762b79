"""Mails that tell what stands on the site, too: one that fails is logged and stops nothing."""

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)


def send_or_log(mail: EmailMessage) -> None:
    """Send a mail; where the mail server is away or refuses it, the log names subject, person and cause."""
    try:
        mail.send()
    except (SMTPException, OSError) as fault:
        logger.error("“%s” was not mailed to %s: %s", mail.subject, mail.to, fault)  # noqa: TRY400 - one line
