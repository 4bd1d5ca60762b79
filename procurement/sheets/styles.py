"""Colours, fonts and number formats of our workbooks, as XlsxWriter format properties.

The colours are the light tokens of the visual language, the same names as in the style sheet of the site.
Security, quality and price keep their paints in this order on every sheet; nothing else uses them.
"""

from collections.abc import Mapping

#: Token → colour. `*_wash` are the quiet backgrounds behind a word of that colour.
COLOURS: Mapping[str, str] = {
    "paper": "#F4F6F5",
    "sheet": "#FFFFFF",
    "sunk": "#EBEFED",
    "ink": "#12222A",
    "ink2": "#3F4F57",
    "ink3": "#5A6A71",
    "edge": "#7C8B90",
    "rule": "#D3DAD8",
    "act": "#0B5A70",
    "act_wash": "#E4EFF2",
    "sec": "#0F4B5E",
    "qual": "#6791A6",
    "price": "#B5832A",
    "ok": "#1B6A45",
    "ok_wash": "#E3F1E9",
    "no": "#A4262C",
    "no_wash": "#FAE9E7",
    "warn": "#855000",
    "warn_wash": "#FBEFD8",
    "bar": "#0E2430",
}

#: Present on Windows and Office for Mac with Traditional Chinese; elsewhere the reader's own font steps in.
FONT = "Microsoft JhengHei"

_NUMBER_FORMATS: Mapping[str, str] = {
    "integer": "0",
    "points": "0.00",
    "exact": "General",
    "percent": "0.0%",
    "money": "#,##0",
    "money_cents": "#,##0.00",
    "gap": "0.00;−0.00;—",
    "money_gap": "+#,##0;−#,##0;—",
}

#: Style name → properties. Styles are meant to be laid over each other: ("money", "excluded").
STYLES: dict[str, Mapping[str, object]] = {
    # The cell itself.
    "plain": {"font_name": FONT, "font_size": 10, "font_color": COLOURS["ink"], "valign": "vcenter"},
    "cell": {"bottom": 1, "bottom_color": COLOURS["rule"]},
    "wrap": {"text_wrap": True, "valign": "top"},
    "strong": {"bold": True},
    "right": {"align": "right"},
    "centre": {"align": "center"},
    # Words about the sheet.
    "title": {"font_size": 18, "bold": True},
    "section": {"font_size": 12, "bold": True, "bottom": 2, "bottom_color": COLOURS["ink"]},
    "section_no": {
        "font_size": 12,
        "bold": True,
        "font_color": COLOURS["no"],
        "bottom": 2,
        "bottom_color": COLOURS["no"],
    },
    "label": {"font_size": 9, "font_color": COLOURS["ink2"]},
    "note": {"font_size": 9, "font_color": COLOURS["ink3"]},
    "code": {"font_name": "IBM Plex Mono", "font_size": 9},
    # Table heads and rows.
    "head": {
        "font_size": 9,
        "bold": True,
        "font_color": COLOURS["sheet"],
        "bg_color": COLOURS["bar"],
        "text_wrap": True,
    },
    "optional": {"bold": False},
    "group": {"bold": True, "bg_color": COLOURS["sunk"]},
    "first": {"bg_color": COLOURS["act_wash"]},
    "excluded": {"font_color": COLOURS["ink3"], "bg_color": COLOURS["sunk"]},
    "place": {"font_size": 14, "bold": True, "align": "center", "num_format": "0"},
    "total": {"font_size": 12, "bold": True, "num_format": "0.00"},
    "edit": {
        "bold": True,
        "font_color": COLOURS["act"],
        "bg_color": COLOURS["act_wash"],
        "border": 1,
        "border_color": COLOURS["edge"],
        "locked": False,
    },
    # States: always beside a sign and a word, so that grey paper loses nothing.
    "ok": {"bold": True, "font_color": COLOURS["ok"]},
    "no": {"bold": True, "font_color": COLOURS["no"]},
    "warn": {"bold": True, "font_color": COLOURS["warn"]},
    "ok_wash": {"font_color": COLOURS["ok"], "bg_color": COLOURS["ok_wash"]},
    "no_wash": {"font_color": COLOURS["no"], "bg_color": COLOURS["no_wash"]},
    "warn_wash": {"font_color": COLOURS["warn"], "bg_color": COLOURS["warn_wash"]},
    # What a criterion is about.
    "sec": {"font_color": COLOURS["sheet"], "bg_color": COLOURS["sec"]},
    "qual": {"font_color": COLOURS["ink"], "bg_color": COLOURS["qual"]},
    "price": {"font_color": COLOURS["ink"], "bg_color": COLOURS["price"]},
    # Numbers, dates and text that stays text.
    "date": {"num_format": "yyyy/mm/dd", "align": "left"},
    "moment": {"num_format": "yyyy/mm/dd hh:mm", "align": "left"},
    "text": {"num_format": "@"},
}
STYLES.update({name: {"num_format": pattern, "align": "right"} for name, pattern in _NUMBER_FORMATS.items()})
