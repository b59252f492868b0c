"""What Dash need not know is sent as plain HTML: nothing is lost, and what a callback names stays a component."""

from dash import dcc, html

from app.pages.still import PLACE, script, settle
from tests.pages.support import attribute, walk


def test_children_that_never_change_become_html_and_the_rest_stays() -> None:
    made = html.Div(
        [
            html.Nav([html.A("一", href="/"), html.B("<二>")], className="n"),
            html.Div([html.Span("三", id="x"), html.P(html.I("四"))]),
            html.Div(html.Div("等", className="skel"), id="filled"),
            html.Div([dcc.Store(id="s"), html.P("五")]),
        ]
    )
    found: list[str] = []
    settle(made, {"x", "filled", "s"}, found)
    assert found == ['<a href="/">一</a><b>&lt;二&gt;</b>', "<i>四</i>", "等", "五"]
    assert [c.id for c in walk(made) if getattr(c, "id", None)] == ["x", "filled", "s"]
    assert attribute(made.children[2], PLACE) is None
    assert "<" not in script(found)[len('<script type="application/json" id="still">') : -len("</script>")]
