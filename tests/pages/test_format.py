import datetime as dt

import pytest

from app.pages.format import DASH, as_date, day, degrees, factor_of, number, quantity, share
from layers.registry import catalogue


@pytest.mark.parametrize(
    ("unit", "shown", "factor"),
    [
        ("元", "亿元", 1e8),
        ("元", "万元", 1e4),
        ("元/亩", "万元/亩", 1e4),
        ("m²", "km²", 1e6),
        ("m²", "亩", 2000 / 3),
        ("MW", "MW", 1),
        ("亩", "", 1),
        ("吨", "亿元", 1),
    ],
)
def test_a_stored_unit_is_divided_to_the_shown_one(unit: str, shown: str, factor: float) -> None:
    assert factor_of(unit, shown) == factor


def test_numbers_are_written_as_people_write_them() -> None:
    assert number(123_450_000_000, 1, 1e8) == "1,234.5"
    assert number(0, 1) == "0.0"
    assert number(-0.04, 1) == "-0.040"
    assert number(-0.0, 1) == "0.0"
    assert number(0.0123, 1) == "0.012"
    assert number(None) == DASH
    assert number(float("nan")) == DASH
    assert number(412.46, 1) == "412.5"


def test_a_field_says_how_it_is_shown() -> None:
    cat = catalogue()
    invest = quantity(cat.layer("project").field("invest_cny"))
    assert (invest.text(12_800_000_000), invest.unit) == ("128.0", "亿元")
    land = quantity(cat.layer("project").field("land_mu"))
    assert (land.text(412.46), land.unit) == ("412.5", "亩")
    assert quantity(cat.layer("infrastructure").field("year")).text(2021) == "2021"
    assert quantity(cat.layer("parcel").field("plot_ratio")).text(1.25) == "1.2"
    assert quantity(None, "个").text(1297) == "1,297"


def test_shares_dates_and_places() -> None:
    assert share(1, 3) == "33.3"
    assert share(0, 3) == "0.0"
    assert share(None, 3) == share(1, 0) == DASH
    assert day(dt.date(2026, 3, 5)) == day("2026-03-05T08:00:00") == "2026-03-05"
    assert day(None) == DASH
    assert degrees(120.742, 33.158) == "120.7420°E 33.1580°N"
    assert as_date("2026-03-05T01:02:03") == as_date(dt.datetime(2026, 3, 5, 9)) == dt.date(2026, 3, 5)
    assert as_date(None) is None
