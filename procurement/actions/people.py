"""Entering people, units and vendors, letting people in and keeping them out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import audit, rules
from procurement.actions.changes import entered, only, put
from procurement.actions.locking import advance, enforce_and_lock
from procurement.choices import Role, Theme
from procurement.models import Unit, User, Vendor
from procurement.sheets.names import case_key

Row = TypeVar("Row", Unit, Vendor)

PERSON = ("name", "job_title", "email", "role", "unit", "vendor", "language")
UNIT = ("code", "name_zh", "name_en", "kind")
VENDOR = ("name", "tax_id")


def create_person(*, actor: User, values: Mapping[str, Any], password: str, now: datetime) -> User:
    """Enter a person with a password that the administrator hands over. Raises `ValidationError`."""
    rules.can_manage_people(actor).enforce()
    values = only(values, ("username", *PERSON))
    person = User(**values)
    with transaction.atomic():
        person.full_clean(exclude=["password"])
        _set_password(person, password)
        person.save(force_insert=True)
        audit.record(actor=actor, action="create person", object=person.username, now=now, **entered(values))
    return person


def edit_person(
    *, actor: User, person: User, values: Mapping[str, Any], password: str, seen: int, now: datetime
) -> None:
    """Change a person, and the password unless it is empty. Raises `ValidationError` and `Stale`."""
    values = only(values, PERSON)
    with transaction.atomic():
        person = enforce_and_lock(lambda actor, _: rules.can_manage_people(actor), actor, person)
        advance(person, seen)
        changes: dict[str, Any] = put(person, values)
        fields = list(changes)
        if password:
            _set_password(person, password)
            fields.append("password")
            changes["password"] = "set"  # noqa: S105 - what the trail says, not the password
        if changes:
            person.full_clean(exclude=["password"])
            person.save(update_fields=[*fields, "version"])
            audit.record(actor=actor, action="edit person", object=person.username, now=now, changes=changes)


def change_own_password(*, actor: User, old: str, new: str, now: datetime) -> None:
    """Set one's own new password. Raises `ValidationError`, at `old` where that is not the password."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=actor.pk)
        if not person.check_password(old):
            raise ValidationError({"old": _("This is not your password.")})
        _set_password(person, new)
        person.save(update_fields=["password"])
        actor.password = person.password
        audit.record(actor=actor, action="change password", object=actor.username, now=now)


def _set_password(person: User, password: str) -> None:
    """Hold the password against the validators, and set it."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    person.set_password(password)


def set_active(*, actor: User, person: User, active: bool, seen: int, now: datetime) -> None:
    """Let a person sign in again, or end that; open sessions end with it. Raises `Stale`."""
    with transaction.atomic():
        person = enforce_and_lock(rules.can_change_activity, actor, person)
        advance(person, seen)
        person.is_active = active
        person.save(update_fields=["is_active", "version"])
        action = "activate person" if active else "deactivate person"
        audit.record(actor=actor, action=action, object=person.username, now=now)


def _check_name(row: Unit | Vendor) -> None:
    """Refuse a vendor that a case file would take for another one: such a tender could not be evaluated."""
    if not isinstance(row, Vendor):
        return
    others = Vendor.objects.exclude(pk=row.pk).values_list("name", flat=True)
    if case_key(row.name) in map(case_key, others):
        raise ValidationError({"name": _("“%(code)s” is there already.") % {"code": row.name}})


def _create(actor: User, row: Row, values: Mapping[str, Any], now: datetime) -> Row:
    """Check and enter a unit or a vendor."""
    rules.can_manage_people(actor).enforce()
    with transaction.atomic():
        row.full_clean()
        _check_name(row)
        row.save(force_insert=True)
        audit.record(
            actor=actor, action=f"create {row._meta.model_name}", object=row, now=now, **entered(values)
        )
    return row


def _edit(actor: User, row: Row, values: Mapping[str, Any], seen: int, now: datetime) -> None:
    """Check and change a unit or a vendor."""
    with transaction.atomic():
        row = enforce_and_lock(lambda actor, _: rules.can_manage_people(actor), actor, row)
        advance(row, seen)
        changes = put(row, values)
        if changes:
            row.full_clean()
            _check_name(row)
            row.save(update_fields=[*changes, "version"])
            audit.record(
                actor=actor, action=f"edit {row._meta.model_name}", object=row, now=now, changes=changes
            )


def create_unit(*, actor: User, values: Mapping[str, Any], now: datetime) -> Unit:
    """Enter a unit of the bank. Raises `ValidationError`."""
    values = only(values, UNIT)
    return _create(actor, Unit(**values), values, now)


def edit_unit(*, actor: User, unit: Unit, values: Mapping[str, Any], seen: int, now: datetime) -> None:
    """Rename a unit; its code stands in published specifications. Raises `ValidationError` and `Stale`."""
    _edit(actor, unit, only(values, ("name_zh", "name_en", "kind")), seen, now)


def create_vendor(*, actor: User, values: Mapping[str, Any], now: datetime) -> Vendor:
    """Enter a company that may bid; a tax id may be left out. Raises `ValidationError`."""
    values = only({"tax_id": ""} | dict(values), VENDOR)
    return _create(actor, Vendor(**values), values, now)


def edit_vendor(*, actor: User, vendor: Vendor, values: Mapping[str, Any], seen: int, now: datetime) -> None:
    """Rename a vendor, or change its tax id where one is given. Raises `ValidationError` and `Stale`."""
    _edit(actor, vendor, only(values, [name for name in VENDOR if name in values]), seen, now)


def set_language(*, actor: User, language: str) -> None:
    """Remember the language that a person reads. Raises `ValidationError` for an unknown one."""
    if language not in dict(settings.LANGUAGES):
        raise ValidationError(language)
    actor.language = language
    actor.save(update_fields=["language"])


def set_theme(*, actor: User, theme: str) -> None:
    """Remember light, dark or as the computer says. Raises `ValidationError` for anything else."""
    if theme not in Theme.values:
        raise ValidationError(theme)
    actor.theme = theme
    actor.save(update_fields=["theme"])


def enrol_administrator(*, username: str, name: str, unit: str, password: str, now: datetime) -> User:
    """Enter the first administrator of a site, from its command line, and the unit if its code is new.

    Raises `ValidationError`, also where the site has an administrator already: that one enters the next.
    """
    with transaction.atomic():
        if User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
            raise ValidationError(_("The site has an administrator, who enters everybody else."))
        home, _new = Unit.objects.get_or_create(code=unit, defaults={"name_zh": unit, "name_en": unit})
        person = User(username=username, name=name, role=Role.ADMINISTRATOR, unit=home)
        person.full_clean(exclude=["password"])
        _set_password(person, password)
        person.save(force_insert=True)
        audit.record(actor=None, action="enrol administrator", object=username, now=now)
    return person
