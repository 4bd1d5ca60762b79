"""A publisher's markdown as HTML, through an allow-list: no pictures, scripts or styles, links to the web."""

from functools import cache
from html import escape

import nh3
from markdown_it import MarkdownIt

#: Longer texts are shown as they are.
LONGEST = 12_000

_TAGS = {
    *("p", "br", "hr", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def to_html(text: str) -> str:
    """The HTML of a markdown text, safe to stand in a page."""
    if len(text) > LONGEST:
        return f"<pre>{escape(text)}</pre>"
    return nh3.clean(
        _parser().render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        attribute_filter=_web_only,
        link_rel="noopener noreferrer nofollow",
    )


def _web_only(_tag: str, name: str, value: str) -> str | None:
    """Links lead to the web; a reference inside the publisher's document leads nowhere here."""
    return value if name != "href" or value.startswith(("https://", "http://")) else None
