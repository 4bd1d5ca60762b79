"""Catalogues of security requirements that others publish, as they were read, and uploads that wait."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procurement.catalogues.entries import UNSTATED, Entry, Kind, Level, LevelScheme, Parameter
from procurement.choices import EntryKind

from .fields import CODE_LENGTH, SIGNATURE_LENGTH
from .people import User

#: What stands between the levels of a row, and around them, so that one can be looked for in SQL.
LEVEL_MARK = "|"


class CatalogueQuerySet(models.QuerySet["Catalogue"]):
    """Catalogues, narrowed."""

    def called(self, text: str = "", language: str = "") -> "CatalogueQuerySet":
        """Those that have the text in code, title or publisher, and are in the language; "" leaves all."""
        found = self.filter(language=language) if language else self
        return found.filter(
            models.Q(code__icontains=text)
            | models.Q(title__icontains=text)
            | models.Q(publisher__icontains=text)
        )


class Catalogue(models.Model):
    """One edition of a catalogue in one language. It is never changed: a newer edition is a new row."""

    code = models.CharField(_("code"), max_length=CODE_LENGTH)
    edition = models.CharField(_("version"), max_length=CODE_LENGTH)
    language = models.CharField(_("language"), max_length=35)
    title = models.TextField(_("title"))
    publisher = models.TextField(_("publisher"), blank=True)
    source = models.TextField(_("source"), blank=True)
    licence = models.TextField(_("licence"), blank=True)
    #: `[name, title]` from the lowest level to the highest.
    levels = models.JSONField(_("levels"), default=list, blank=True)
    cumulative = models.BooleanField(_("levels are cumulative"), default=False)
    #: How many parameters the publisher declares.
    declared = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64)
    #: What the dry run remarked, `[template, params]` each.
    remarks = models.JSONField(default=list, blank=True)
    file_name = models.CharField(_("file"), max_length=CODE_LENGTH, blank=True)
    #: The files as they came in, in one zip archive; profiles draw on them.
    files = models.BinaryField(default=bytes, blank=True)
    loaded_by = models.CharField(_("loaded by"), max_length=SIGNATURE_LENGTH)
    loaded_at = models.DateTimeField(_("loaded"))

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["code", "language", "-loaded_at", "-pk"]
        verbose_name = _("catalogue")
        verbose_name_plural = _("catalogues")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "edition", "language"], name="catalogue_edition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.edition_shown} ({self.language})"

    @property
    def edition_shown(self) -> str:
        """The version, or that its file states none."""
        return gettext("version unstated") if self.edition == UNSTATED else self.edition

    @property
    def scheme(self) -> LevelScheme:
        """Its levels, and how they add up."""
        levels = tuple(Level(name, title) for name, title in self.levels)
        return LevelScheme(levels, cumulative=self.cumulative)

    @property
    def families(self) -> list[tuple[str, str]]:
        """Identifier and title of every outermost heading that rows belong to, in order."""
        names = self.entries.exclude(family="").order_by().values("family").distinct()
        rows = self.entries.filter(identifier__in=names).order_by("position")
        return [(row.identifier, row.title or row.label) for row in rows.only("identifier", "title", "label")]

    @property
    def other_editions(self) -> CatalogueQuerySet:
        """The same catalogue in other versions, newest first."""
        others = Catalogue.objects.defer("files").filter(code=self.code, language=self.language)
        return others.exclude(pk=self.pk).order_by("-loaded_at", "-pk")


class EntryQuerySet(models.QuerySet["CatalogueEntry"]):
    """Rows of catalogues, narrowed."""

    def pickable(self) -> "EntryQuerySet":
        """Those that can be asked of a vendor."""
        return self.filter(kind=EntryKind.ASSESSABLE, retired=False)

    def asked_by(self, scheme: LevelScheme, level: str) -> "EntryQuerySet":
        """Those of a catalogue that a level asks for; with cumulative levels what lower ones ask, too.

        Raises `KeyError` for a level that the scheme does not have.
        """
        condition = models.Q()
        for name in scheme.asked_by(level):
            condition |= models.Q(level_names__contains=f"{LEVEL_MARK}{name}{LEVEL_MARK}")
        return self.filter(condition)

    def narrowed(
        self, scheme: LevelScheme, *, q: str = "", level: str = "", family: str = "", kind: str = ""
    ) -> "EntryQuerySet":
        """Those of a catalogue that fit everything that is given; a level asks for no withdrawn rows."""
        found = self.saying(q)
        if level:
            found = found.asked_by(scheme, level).exclude(kind=EntryKind.WITHDRAWN)
        if family:
            found = found.filter(models.Q(family=family) | models.Q(identifier=family))
        return found.filter(kind=kind) if kind else found

    def saying(self, text: str) -> "EntryQuerySet":
        """Those that have every word of the text in identifier, title or text."""
        found = self
        for word in text.split():
            found = found.filter(
                models.Q(identifier__icontains=word)
                | models.Q(label__icontains=word)
                | models.Q(title__icontains=word)
                | models.Q(shown__icontains=word)
            )
        return found


class CatalogueEntry(models.Model):
    """One row of a catalogue, with the text as its publisher gives it."""

    catalogue = models.ForeignKey(Catalogue, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    identifier = models.CharField(_("identifier"), max_length=CODE_LENGTH)
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind)
    #: Identifier of the row that it belongs to, and of the outermost one.
    parent = models.CharField(max_length=CODE_LENGTH, blank=True)
    family = models.CharField(_("family"), max_length=CODE_LENGTH, blank=True)
    label = models.CharField(max_length=CODE_LENGTH)
    title = models.TextField(_("title"), blank=True)
    #: Markdown as given; `shown` is the same with `[label]` for every blank.
    text = models.TextField(_("text"), blank=True)
    shown = models.TextField(blank=True)
    guidance = models.TextField(_("guidance"), blank=True)
    #: Names between marks: "|1|2|".
    level_names = models.TextField(blank=True)
    #: `{"id", "label", "choices", "values"}` of every blank.
    parameters = models.JSONField(default=list, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    retired = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["catalogue", "position"]
        verbose_name = _("catalogue entry")
        verbose_name_plural = _("catalogue entries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["catalogue", "identifier"], name="entry_once_a_catalogue"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}".strip()

    @property
    def levels(self) -> tuple[str, ...]:
        """The names of the levels that it stands at."""
        return tuple(self.level_names.strip(LEVEL_MARK).split(LEVEL_MARK)) if self.level_names else ()

    @property
    def is_pickable(self) -> bool:
        """Whether it can be asked of a vendor."""
        return self.kind == EntryKind.ASSESSABLE and not self.retired

    def as_read(self) -> Entry:
        """The row as the readers give it."""
        return Entry(
            id=self.identifier,
            kind=Kind(self.kind),
            position=self.position,
            parent=self.parent,
            label=self.label,
            title=self.title,
            text=self.text,
            shown=self.shown,
            guidance=self.guidance,
            levels=self.levels,
            parameters=tuple(
                Parameter(one["id"], one["label"], tuple(one["choices"]), tuple(one["values"]))
                for one in self.parameters
            ),
            remark=self.remark,
            retired=self.retired,
        )


class CatalogueUpload(models.Model):
    """Files that a person handed in and whose dry run waits for a confirmation; one a person."""

    uploader = models.OneToOneField(User, models.CASCADE, related_name="catalogue_upload")
    files = models.BinaryField()
    #: What the person says the catalogue is called, by `code`, `version` and `language`.
    naming = models.JSONField(default=dict, blank=True)
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("uploaded catalogue")
        verbose_name_plural = _("uploaded catalogues")

    def __str__(self) -> str:
        return str(self.uploader)
