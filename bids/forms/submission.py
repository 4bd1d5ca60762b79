"""The vendor's bid: answers, price and files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bids.choices import DATED_EVIDENCE, OFFERED_EVIDENCE, Answer, Evidence
from bids.files import MOST_BYTES, FileRefused, inspect, tidy_name, too_large
from bids.forms.panel import PasswordForm
from bids.models import Bid
from bids.queries.drafts import Draft
from procurement.forms.fields import Tidy
from procurement.models import Requirement
from procurement.sheets.amounts import parse_amount
from procurement.sheets.unreadable import Unreadable
from procurement.uploads import HeldFile

MOST_NOTE = 4000
#: Digits that the arithmetic takes (case file, Reading).
MOST_DIGITS = 30


def read_price(text: str, currency: str) -> Decimal:
    """The price as people write it, in the tender's currency. Raises `ValidationError`."""
    if not text:
        raise ValidationError(_("There is no price yet."))
    try:
        amount = parse_amount(text)
    except Unreadable as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from refusal
    if amount.currency not in (None, currency):
        raise ValidationError(
            _("The price is asked for in %(asked)s, not in %(given)s.")
            % {"asked": currency, "given": amount.currency}
        )
    if amount.value <= 0:
        raise ValidationError(_("The price must be more than 0."))
    if len(amount.value.as_tuple().digits) > MOST_DIGITS or amount.value.adjusted() >= MOST_DIGITS:
        raise ValidationError(_("The price has more than %(most)s digits.") % {"most": MOST_DIGITS})
    return amount.value


@dataclass(frozen=True)
class AnswerRow:
    """A requirement and the fields of its answer."""

    requirement: Requirement
    answer: forms.BoundField
    note: forms.BoundField
    evidence: forms.BoundField
    until: forms.BoundField

    @property
    def said(self) -> str:
        """What is chosen now."""
        return str(self.answer.value() or "")

    @property
    def has_note(self) -> bool:
        """Whether there is a note."""
        return bool(str(self.note.value() or "").strip())

    @property
    def lacks_reason(self) -> bool:
        """Whether it says "not applicable" and not why."""
        return self.said == Answer.NOT_APPLICABLE and not self.has_note

    @property
    def level(self) -> Evidence | None:
        """The level of the evidence; None where the answer is not "met"."""
        typed = str(self.evidence.value() or Evidence.CLAIMED)
        return Evidence(typed) if self.said == Answer.MET and typed in OFFERED_EVIDENCE else None

    @property
    def is_dated(self) -> bool:
        """Whether the evidence is of a level that is good until a day."""
        return self.level in DATED_EVIDENCE

    @property
    def good_until(self) -> date | None:
        """The day until which the evidence is good, as far as one can be read."""
        try:
            return forms.DateField(required=False).clean(self.until.value())
        except ValidationError:
            return None


class DraftForm(Tidy, forms.Form):
    """All answers and the price; nothing is asked for, because a draft may stop anywhere."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    price = forms.CharField(
        label=gettext_lazy("Total price, tax included"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "fld num", "inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(
        self, data: Any = None, *, requirements: list[Requirement], bid: Bid | None, draft: Draft
    ) -> None:
        super().__init__(data, initial={"version": bid.version if bid else 0, "price": draft.price})
        self.requirements, self.bid = requirements, bid
        for row in requirements:
            for name, field in _answer_fields(draft.answers.get(row.code, {})).items():
                self.fields[f"{name}-{row.pk}"] = field

    def rows(self) -> Iterator[AnswerRow]:
        """The requirements in order, with their fields."""
        for row in self.requirements:
            yield AnswerRow(
                row, *(self[f"{name}-{row.pk}"] for name in ("answer", "note", "evidence", "until"))
            )

    @property
    def answers(self) -> dict[str, dict[str, str]]:
        """What is said to each requirement, by its code."""
        said = {}
        for row in self.requirements:
            until = self.cleaned_data[f"until-{row.pk}"]
            said[row.code] = {
                name: self.cleaned_data[f"{name}-{row.pk}"] for name in ("answer", "note", "evidence")
            } | {"until": until.isoformat() if until else ""}
        return said


def _answer_fields(said: Mapping[str, str]) -> dict[str, forms.Field]:
    """The fields of one answer; `said` is what the draft holds of it."""
    return {
        "answer": forms.ChoiceField(choices=Answer, required=False, initial=said.get("answer", "")),
        "note": forms.CharField(
            required=False,
            max_length=MOST_NOTE,
            initial=said.get("note", ""),
            widget=forms.Textarea(attrs={"class": "fld small", "rows": 2}),
        ),
        "evidence": forms.ChoiceField(
            choices=[(level.value, level.label) for level in OFFERED_EVIDENCE],
            required=False,
            initial=said.get("evidence") or Evidence.CLAIMED.value,
            widget=forms.Select(attrs={"class": "fld small"}),
        ),
        "until": forms.DateField(
            required=False,
            initial=said.get("until", ""),
            widget=forms.DateInput(attrs={"type": "date", "class": "fld small"}, format="%Y-%m-%d"),
        ),
    }


class OpenDraftForm(PasswordForm):
    """What a draft is opened with where the browser lost what it kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Your password")


class HandInForm(PasswordForm):
    """What a bid is handed in, withdrawn or confirmed with: the password, and a key that makes it once.

    The fields of the first stand beside the draft and belong to its form.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, form_id: str = "", asked: int = 0, **kwargs: Any) -> None:
        """`asked` is the number of the last amendment of documents, which a bid is handed in knowing of."""
        super().__init__(*args, **kwargs)
        # A draft is saved without the password that stands beside it.
        self.use_required_attribute = not form_id
        self.fields["key"].initial = uuid4
        self.asked = asked
        if asked:
            self._ask_to_read(asked)
        for field in self.fields.values():
            if form_id:
                field.widget.attrs["form"] = form_id

    def _ask_to_read(self, asked: int) -> None:
        """A tick, and the number that it is for: what came in force meanwhile was not read."""
        self.fields["amendment"] = forms.IntegerField(widget=forms.HiddenInput, initial=asked, required=False)
        self.fields["read"] = forms.BooleanField(
            label=_("We have read the amendments up to number %(n)d.") % {"n": asked},
            help_text=_("They stand on the tender’s page."),
            error_messages={"required": _("Read the amendments on the tender’s page, and say that you did.")},
        )
        self.order_fields(["read", "amendment", "password", "key"])

    def clean_read(self) -> bool:
        """Raise `ValidationError` where another amendment came in force since the page was made."""
        name = self.add_prefix("amendment")
        if self.data.get(name) != str(self.asked):
            # The next time it is handed in with the number that is shown now, and a fresh tick.
            self.data = self.data.copy()
            self.data[name] = str(self.asked)
            self.data.pop(self.add_prefix("read"), None)
            raise ValidationError(
                _("Amendment %(n)d came in force while you were writing. Read it before you hand in.")
                % {"n": self.asked}
            )
        return bool(self.cleaned_data["read"])

    def clean(self) -> dict[str, Any]:
        """A key that is none is as good as a fresh one: it only keeps the same thing from coming in twice."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors.pop("key", None):
            cleaned["key"] = uuid4()
        return cleaned


class FileForm(forms.Form):
    """A file beside an answer: its kind by name and by content, and its size."""

    requirement = forms.ModelChoiceField(Requirement.objects.none())
    file = forms.FileField(
        max_length=255,
        error_messages={
            # A file far over the cap is not even listened to, and so looks like none.
            "required": gettext_lazy("No file came in. Choose one of at most 20 MB."),
            "max_length": gettext_lazy("The file's name is longer than 255 characters."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def __init__(self, *args: Any, requirements: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requirement"].queryset = requirements

    def clean_file(self) -> tuple[str, bytes | bytearray]:
        """Name and content. Raises `ValidationError` naming the file, the rule and the limit."""
        return read_upload(self.cleaned_data["file"])


def read_upload(upload: UploadedFile) -> tuple[str, bytes | bytearray]:
    """Name and content of a file of one of the kinds that are taken, and of at most 20 MB.

    The content is that of the request, without a copy of it, and is gone when the request is. Raises
    `ValidationError` naming the file, the rule and the limit.
    """
    try:
        name = tidy_name(upload.name)
        if upload.size > MOST_BYTES:
            raise too_large(name, upload.size)
        if getattr(upload, "was_dropped", False):
            raise ValidationError(
                _("The files are too large together. Send “%(name)s” by itself.") % {"name": name}
            )
        content = upload.held if isinstance(upload, HeldFile) else upload.read()
        inspect(name, content)
    except FileRefused as refusal:
        raise ValidationError(_(refusal.template) % refusal.params) from None
    return name, content
