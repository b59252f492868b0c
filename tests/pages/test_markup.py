from html.parser import HTMLParser

import pytest
from dash import dcc, html
from hypothesis import given
from hypothesis import strategies as st

from app.pages.markup import to_html


class Read(HTMLParser):
    """What a browser would read: elements with their attributes, and texts."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_elements_attributes_and_styles() -> None:
    node = html.Button(
        ["a", html.I(className="ic"), None, 3],
        className="btn",
        disabled=True,
        style={"--c": "var(--s1)", "clipPath": "none"},
        **{"data-op": '[["set","axis","unit"]]', "aria-pressed": "false"},
    )
    found = Read(to_html(node))
    assert found.elements == [
        (
            "button",
            {
                "class": "btn",
                "disabled": None,
                "style": "--c:var(--s1);clip-path:none",
                "data-op": '[["set","axis","unit"]]',
                "aria-pressed": "false",
            },
        ),
        ("i", {"class": "ic"}),
    ]
    assert found.texts == ["a", "3"]
    assert to_html([html.Td("x", colSpan=3), html.Br(), html.Details(open=False)]) == (
        '<td colspan="3">x</td><br><details></details>'
    )


@given(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])), st.text(alphabet="<>&\"' a;="))
def test_no_text_escapes_from_its_place(text: str, title: str) -> None:
    found = Read(to_html(html.Div(text, title=title)))
    assert found.elements == [("div", {"title": title})]
    assert "".join(found.texts) == text


def test_what_is_more_than_html_is_refused() -> None:
    with pytest.raises(TypeError, match="Store"):
        to_html(html.Div(dcc.Store(id="x")))
