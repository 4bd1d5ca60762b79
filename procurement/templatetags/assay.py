"""The parts every page is made of: `{% load assay %}`.

Filters write figures (see `figures`): points, plain, signed, share, signed_share, amount, signed_amount,
money, money_words, fingerprint, listed, day, short_day, moment, short_moment, stamp.

Tags draw components; each renders one small template from `procurement/components/` and takes plain values.
Every state has three signals: a sign, a word and a colour.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from . import drawing, figures
from .drawing import field

register = template.Library()

for _filter in (
    figures.points, figures.plain, figures.signed, figures.share, figures.signed_share,
    figures.amount, figures.signed_amount, figures.money, figures.money_words, figures.fingerprint,
    figures.listed, figures.day, figures.short_day, figures.moment, figures.short_moment, figures.stamp,
    figures.precise,
):  # fmt: skip
    register.filter(_filter.__name__, _filter)

COMPONENTS = "procurement/components/"

#: The sign a chip carries unless told otherwise.
SIGNS = {
    "ok": "check", "no": "x", "warn": "alert", "act": "arrow", "": "minus",
    "solid-act": "check", "solid-no": "x", "solid-ink": "lock",
}  # fmt: skip

#: How many of four bars, and the paint.
SEVERITIES = {"critical": (4, ""), "high": (3, ""), "medium": (2, "mid"), "low": (1, "lo")}

#: From here on a deadline is shown in ochre.
SOON = timedelta(days=3)


@register.inclusion_tag(COMPONENTS + "icon.html")
def icon(name: str, label: str = "", *, small: bool = False) -> dict[str, object]:
    """A sign, 16 px, or 13 with `small=True`.

    `name`: check, x, minus, q, flag, lock, clock, doc, eyeoff, down, print, alert, find, seal, user, key,
    scale, arrow, gavel or stop. `label` is read aloud; without one the sign is decoration beside a word.
    """
    return {"name": name, "label": label, "small": small}


@register.inclusion_tag(COMPONENTS + "chip.html")
def chip(kind: str, label: str, sign: str = "") -> dict[str, str]:
    """A verdict.

    `kind`: ok, no, warn, act, "" (neutral), or solid-act, for first place only. `sign`: an icon in place of
    the kind's own one.
    """
    return {"kind": kind, "label": label, "sign": sign or SIGNS[kind]}


@register.inclusion_tag(COMPONENTS + "note.html")
def note(kind: str, text: str, lead: str = "") -> dict[str, str]:
    """A sentence with a rule at its left. `kind`: ok, no, warn or ""; `lead`: bold words before it.

    At most one in red per view.
    """
    return {"kind": kind, "text": text, "lead": lead, "sign": SIGNS[kind]}


@register.inclusion_tag(COMPONENTS + "empty.html")
def empty(text: str, url: str = "", label: str = "") -> dict[str, str]:
    """Nothing here yet: what will appear and who makes it appear, and one action."""
    return {"text": text, "url": url, "label": label}


@register.inclusion_tag(COMPONENTS + "blocked.html")
def blocked(key: str, label: str, reason: object, look: str = "btn-line") -> dict[str, object]:
    """A button that cannot be used now, still reached by Tab, and the rule's own sentence beside it.

    `key`: unique on the page. `look`: btn-line or btn-act.
    """
    return {"id": key, "label": label, "reason": reason, "look": look}


@register.inclusion_tag(COMPONENTS + "severity.html")
def severity(level: str) -> dict[str, object]:
    """Four ascending bars and the word. `level`: critical, high, medium or low."""
    count, paint = SEVERITIES[level]
    words = {"critical": _("Critical"), "high": _("High"), "medium": _("Medium"), "low": _("Low")}
    return {"bars": _ladder(count, heights=(3, 5, 7, 9), pitch=5), "paint": paint, "word": words[level]}


@register.inclusion_tag(COMPONENTS + "gate_tag.html")
def gate_tag(mandatory: bool) -> dict[str, bool]:
    """Solid box for a gate (`mandatory`), dashed box for a scored requirement."""
    return {"mandatory": mandatory}


@register.inclusion_tag(COMPONENTS + "evidence.html")
def evidence(step: int, *, expired: bool = False, least: bool = False) -> dict[str, object]:
    """How well something is shown: ladder and word.

    `step` 0 to 4: nothing, claimed, attested, independently tested, verified by us. `expired=True` draws it
    in outlined ochre, one step down. `least=True` says "or better".
    """
    words = [_("No evidence"), _("Claimed"), _("Attested"), _("Independently tested"), _("Verified by us")]
    shown = max(step - 1, 0) if expired else step
    bars = _ladder(shown, heights=(3, 6, 9, 12), pitch=6)
    return {"bars": bars, "word": words[shown], "expired": expired, "least": least}


def _ladder(count: int, heights: tuple[int, ...], pitch: int) -> list[dict[str, object]]:
    """Ascending bars on a line at 12, the first `count` of them on."""
    return [{"x": i * pitch, "y": 12 - h, "height": h, "on": i < count} for i, h in enumerate(heights)]


@register.inclusion_tag(COMPONENTS + "evidence_count.html")
def evidence_count(have: int, of: int) -> dict[str, object]:
    """`have` of `of` requirements with evidence of step 3 or more: ticks (up to 24 of them) and "9 / 12"."""
    ticks = [{"x": i * 6, "paint": "f-sec" if i < have else "f-rule"} for i in range(of)] if of <= 24 else []
    return {"ticks": ticks, "width": of * 6, "have": have, "of": of}


@register.inclusion_tag(COMPONENTS + "person.html")
def person(name: str, unit: str = "", title: str = "", part: str = "") -> dict[str, str]:
    """Who answers: initial, name, unit and title as they were when signed; `part` says in which capacity."""
    post = " ".join(str(text) for text in (unit, title) if text)
    return {"initial": name[:1], "name": name, "post": " · ".join(t for t in (post, str(part)) if t)}


@register.inclusion_tag(COMPONENTS + "seal.html")
def seal(state: str, size: int = 30) -> dict[str, object]:
    """An envelope: sealed, opened, late or withdrawn. The word beside it is the page's duty."""
    return {"state": state, "size": size}


@register.inclusion_tag(COMPONENTS + "stage_ticks.html")
def stage_ticks(stages: Iterable[Any]) -> dict[str, object]:
    """The stage bar of a list row. `stages`: items with `name` and `state` (done, now, future)."""
    paints = {"done": "f-edge", "now": "f-act", "future": "f-rule"}
    items = list(stages)
    states = [str(field(item, "state")) for item in items]
    bars = [
        {"x": i * 11, "y": 0 if s == "now" else 3, "height": 10 if s == "now" else 4, "paint": paints[s]}
        for i, s in enumerate(states)
    ]
    now = next((field(item, "name") for item in items if field(item, "state") == "now"), "")
    return {"bars": bars, "width": 11 * len(bars), "now": now}


@register.inclusion_tag(COMPONENTS + "progress.html")
def progress(done: int, of: int, label: str) -> dict[str, object]:
    """A thin bar, `done` of `of`; `label` is the sentence that is read aloud."""
    width = drawing.clamped(figures.exact(done) / of) if of else figures.exact(0)
    return {"width": drawing.percent(width), "label": label}


@register.inclusion_tag(COMPONENTS + "weight_bar.html")
def weight_bar(segments: Iterable[Any], total: figures.Number | None = None) -> dict[str, object]:
    """Weights side by side, 34 px high.

    `segments`: items with `label`, `value` (an exact number) and `kind` (security, quality or price).
    Widths are shares of `total`, the sum unless given. A segment under 8 % has its label above, with a
    leader. Where labels need more room than a phone has, it gets a drawing of its own.
    """
    items = list(segments)
    wide = drawing.weight_segments(items, total)
    small = drawing.weight_segments(items, total, room=drawing.PHONE_WIDTH)
    if small == wide:
        return {"drawings": [("", wide)]}
    return {"drawings": [("desk", wide), ("phone", small)]}


@register.inclusion_tag(COMPONENTS + "bar.html")
def bar(value: figures.Number, of: figures.Number, kind: str = "") -> dict[str, str]:
    """One bar of a table, 12 px high: `value` as a share of `of`, painted by `kind` (as in `weight_bar`)."""
    whole = figures.exact(of)
    width = drawing.clamped(figures.exact(value) / whole) if whole else figures.exact(0)
    return {"width": drawing.percent(width), "paint": drawing.PAINTS.get(kind, "act")}


@register.inclusion_tag(COMPONENTS + "due.html")
def due(deadline: datetime | None, now: datetime) -> dict[str, object]:
    """A deadline in a list: red and "overdue" when past, ochre within three days."""
    if deadline is None:
        return {"text": figures.ABSENT, "state": "", "deadline": None}
    if deadline <= now:
        days = (now - deadline).days
        late = ngettext("Overdue by %(n)d day", "Overdue by %(n)d days", days) % {"n": days}
        return {"text": late if days else _("Overdue"), "state": "late", "deadline": deadline}
    state = "soon" if deadline - now <= SOON else ""
    return {"text": figures.short_moment(deadline), "state": state, "deadline": deadline}


@register.inclusion_tag(COMPONENTS + "countdown.html")
def countdown(deadline: datetime, now: datetime, style: str = "clock") -> dict[str, object]:
    """Time left until `deadline` when the server's clock says `now`; `clock.js` keeps it running.

    `style`: class of the text. `<fieldset data-until-deadline>` on the same page is disabled at zero.
    """
    left = max(int((deadline - now).total_seconds()), 0)
    days, rest = divmod(left, 86_400)
    units = [
        pgettext("days", "d"),
        pgettext("hours", "h"),
        pgettext("minutes", "m"),
        pgettext("seconds", "s"),
    ]
    parts = list(zip((days, rest // 3600, rest % 3600 // 60, rest % 60), units, strict=True))
    shown = parts[:3] if days else parts[1:]
    return {
        "deadline": deadline.isoformat(),
        "now": now.isoformat(),
        "parts": [(f"{value:02d}" if i else str(value), unit) for i, (value, unit) in enumerate(shown)],
        "units": " ".join(units),
        "over": left == 0,
        "style": style,
    }


@register.inclusion_tag(COMPONENTS + "pages.html", takes_context=True)
def pages(context: template.Context, page: Any, word: str = "") -> dict[str, object]:
    """Links through a `django.core.paginator.Page`; other query parameters stay.

    `word`: the count in words ("12 tenders"), shown also when there is a single page.
    """
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"request": context.get("request"), "page": page, "numbers": list(numbers), "word": word}
