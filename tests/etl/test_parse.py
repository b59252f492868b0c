"""Every parser: the forms of DOMAIN.md, and laws over generated ones."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.fault import Fault
from etl.parse_amount import Amount, chinese_number, convert, parse_amount, parse_unit
from etl.parse_angle import parse_coordinate, parse_pair
from etl.parse_code import credit_check_character, parse_credit_code, parse_industry, parse_project_code
from etl.parse_date import Period, find_period, parse_date
from etl.parse_term import Terms, parse_boolean
from etl.parse_text import header_key, loose_name_key, name_key, visible
from layers.registry import catalogue

YUAN = parse_unit("元")
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def yuan(text: str, header: str = "") -> Decimal | None:
    amount = parse_amount(text)
    assert isinstance(amount, Amount), amount
    return convert(amount, YUAN, parse_unit(header))


@pytest.mark.parametrize(
    ("text", "header", "expected"),
    [
        ("1,234.5万元", "", 12_345_000),
        ("0.12亿", "", 12_000_000),
        ("１２００", "万元", 12_000_000),
        ("1200", "亿元", 120_000_000_000),
        ("3，500万元", "亿元", 35_000_000),  # the cell's own unit wins over the header's
        ("五亿元", "", 500_000_000),
        ("三百二十万元", "", 3_200_000),
        ("¥120万", "", 1_200_000),
        ("人民币 8 亿元", "", 800_000_000),
        ("0", "", 0),
        ("-5万元", "", -50_000),
    ],
)
def test_amounts_reach_yuan(text: str, header: str, expected: int) -> None:
    assert yuan(text, header) == expected


@pytest.mark.parametrize(
    "text", ["超百亿", "10亿元以上", "3-5亿", "3000余万元", "不少于5亿元", "＞2亿元", "5亿左右以上"]
)
def test_a_bound_is_no_number(text: str) -> None:
    assert parse_amount(text) == Fault("bound_amount")


def test_an_approximate_amount_says_so_and_keeps_its_value() -> None:
    found = parse_amount("约5亿")
    assert isinstance(found, Fault)
    assert found.type == "approximate_amount"
    assert convert(found.value, YUAN, None) == 500_000_000


@pytest.mark.parametrize("text", ["1000万美元", "$12", "abc", "1.2.3", "12 34 56a", "9" * 60])
def test_what_is_no_yuan_amount_is_a_fault(text: str) -> None:
    assert isinstance(parse_amount(text), Fault)


@pytest.mark.parametrize("text", ["", "-", "—", "/", "无", "暂无", "N/A", None])
def test_nothing_is_none(text: str | None) -> None:
    assert parse_amount(text) is None
    assert parse_date(text) is None
    assert parse_coordinate(text) is None


@given(st.decimals(min_value=0, max_value=10**9, places=4), st.sampled_from(["元", "万元", "亿元", "千元", "百万元"]))
def test_a_written_amount_reads_back(number: Decimal, unit: str) -> None:
    factor = parse_unit(unit)
    assert factor is not None
    assert yuan(f"{number:,}{unit}") == number * factor.factor
    assert yuan(f"{number}", unit) == number * factor.factor


@given(st.integers(min_value=0, max_value=9999))
def test_chinese_digits_read_back(number: int) -> None:
    digits = "零一二三四五六七八九"
    assert chinese_number("".join(digits[int(c)] for c in str(number))) == number


@given(st.text(max_size=30))
def test_no_text_breaks_a_parser(text: str) -> None:
    for parse in (parse_amount, parse_date, parse_coordinate, parse_pair, parse_credit_code, parse_project_code):
        parse(text)
    parse_boolean(text)
    find_period(text)
    parse_unit(text)
    header_key(text)
    loose_name_key(text)


def test_units_convert_only_within_what_they_measure() -> None:
    mu, money = parse_unit("亩"), parse_unit("万元")
    assert convert(Amount(Decimal(2), parse_unit("公顷")), mu, None) == pytest.approx(30)
    assert convert(Amount(Decimal(1), parse_unit("平方公里")), mu, None) == pytest.approx(1500)
    assert convert(Amount(Decimal(5), money), mu, None) is None
    assert convert(Amount(Decimal(3), parse_unit("万千瓦")), parse_unit("MW"), None) == 30
    assert convert(Amount(Decimal(300), None), parse_unit("元/亩"), parse_unit("万元/亩")) == 3_000_000
    assert parse_unit("名称") is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026.3", "2026-03-01", "2026-03-31"),
        ("2026年3月", "2026-03-01", "2026-03-31"),
        ("2026-03-05", "2026-03-05", "2026-03-05"),
        ("2026/3/5 00:00:00", "2026-03-05", "2026-03-05"),
        ("2026-03-05T08:30:00+08:00", "2026-03-05", "2026-03-05"),
        ("20260305", "2026-03-05", "2026-03-05"),
        ("46086", "2026-03-05", "2026-03-05"),
        ("202603", "2026-03-01", "2026-03-31"),
        ("2026Q1", "2026-01-01", "2026-03-31"),
        ("2026年二季度", "2026-04-01", "2026-06-30"),
        ("2026年上半年", "2026-01-01", "2026-06-30"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("２０２６年３月５日", "2026-03-05", "2026-03-05"),
        ("二〇二六年三月五日", "2026-03-05", "2026-03-05"),
        ("2026年2月底", "2026-02-21", "2026-02-28"),
        ("25/03/2026", "2026-03-25", "2026-03-25"),
    ],
)
def test_dates(text: str, first: str, last: str) -> None:
    period = parse_date(text)
    assert isinstance(period, Period)
    assert (period.first.isoformat(), period.last.isoformat(), period.text) == (first, last, text)


@pytest.mark.parametrize("text", ["05/03/2026", "26.3.5"])
def test_an_unclear_order_is_not_guessed(text: str) -> None:
    assert parse_date(text) == Fault("ambiguous_date")


@pytest.mark.parametrize("text", ["2026.13", "2026-02-30", "3月5日", "明年", "99999", "1850年", "2026-00-01"])
def test_what_is_no_date_is_a_fault(text: str) -> None:
    assert parse_date(text) == Fault("bad_date")


def test_a_number_may_have_lost_the_zero_of_october() -> None:
    found = parse_date("2026.1", is_number=True)
    assert isinstance(found, Fault)
    assert found.type == "date_lost_zero"
    assert isinstance(parse_date("2026.1"), Period)
    assert isinstance(parse_date("2026.3", is_number=True), Period)


@given(st.dates(dt.date(1928, 1, 1), dt.date(2100, 12, 31)))
def test_every_written_form_of_a_day_reads_back(day: dt.date) -> None:
    forms = [
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month:02d}/{day.day:02d}",
        f"{day.year}年{day.month}月{day.day}日",
        day.strftime("%Y%m%d"),
        str((day - dt.date(1899, 12, 30)).days),
    ]
    for form in forms:
        period = parse_date(form)
        if len(form) == 5 and 1949 <= int(form[:4]) <= 2049 and form[4] != "0":  # 2026 and 3, or a day of 1955
            assert isinstance(period, Fault) and period.type == "ambiguous_date"
            continue
        assert isinstance(period, Period), form
        assert period.first == period.last == day, form


@pytest.mark.parametrize(
    ("header", "last"),
    [
        ("2026年1-6月完成投资（亿元）", "2026-06-30"),
        ("截至2026年6月底累计完成投资", "2026-06-30"),
        ("2025年产值", "2025-12-31"),
        ("2026-02完成投资", "2026-02-28"),
        ("2026年一季度税收", "2026-03-31"),
    ],
)
def test_the_period_of_a_figure_is_in_its_header(header: str, last: str) -> None:
    period = find_period(header)
    assert period is not None
    assert period.last.isoformat() == last


def test_a_header_without_a_year_names_no_period() -> None:
    assert find_period("1-6月完成投资") is None


def test_a_published_credit_code() -> None:
    # GB 32100-2015, annex A, the worked example.
    assert parse_credit_code("91350100M000100Y43") == "91350100M000100Y43"
    assert credit_check_character("91350100M000100Y4") == "3"


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_found(body: str, at: int, other: str) -> None:
    body = "91" + "320900" + body[8:]
    code = body + credit_check_character(body)
    assert parse_credit_code(code.lower()) == code
    if code[at] != other and not (2 <= at < 8 and not other.isdigit()):
        wrong = parse_credit_code(code[:at] + other + code[at + 1 :])
        assert isinstance(wrong, Fault)


def test_a_letter_for_a_digit_gets_its_cure_proposed() -> None:
    body = "91320900MA1M00001"
    code = body + credit_check_character(body)
    found = parse_credit_code(code.replace("0", "O", 1))
    assert isinstance(found, Fault)
    assert code in found.facts["hint"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2403-320902-89-01-123456", "2403-320902-89-01-123456"),
        ("2019-320902-89-01-123456", "2019-320902-89-01-123456"),
        ("２４０３—３２０９０２—８９—０１—１２３４５６", "2403-320902-89-01-123456"),
        ("24033209028901123456", "2403-320902-89-01-123456"),
    ],
)
def test_project_codes(text: str, code: str) -> None:
    assert parse_project_code(text) == code


def test_malformed_codes_are_faults() -> None:
    assert parse_project_code("2413-320902-89-01-123456") == Fault("project_code_invalid")
    assert parse_industry("C3825 光伏设备") == "C3825"
    assert parse_industry("电气") == Fault("industry_code_invalid")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("120.16", 120.16),
        ("120°09′36″", 120.16),
        ("120°9'36\"", 120.16),
        ("东经120度9分36秒", 120.16),
        ("120°9.6′E", 120.16),
        ("１２０．１６", 120.16),
        ("514,893.21", 514893.21),
        ("120.16°", 120.16),
        ("33°21′S", -33.35),
    ],
)
def test_coordinates(text: str, value: float) -> None:
    assert parse_coordinate(text) == pytest.approx(value, abs=1e-9)


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59_99))
def test_degrees_minutes_seconds_read_back(degrees: int, minutes: int, hundredths: int) -> None:
    seconds = hundredths / 100
    expected = degrees + minutes / 60 + seconds / 3600
    for form in (
        f"{degrees}°{minutes}′{seconds}″",
        f"{degrees}度{minutes}分{seconds}秒",
        f"E{degrees}°{minutes}'{seconds}\"",
    ):
        assert parse_coordinate(form) == pytest.approx(expected, abs=1e-9), form


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("120.16,33.35", (120.16, 33.35)),
        ("120.16，33.35", (120.16, 33.35)),
        ("120.16 33.35", (120.16, 33.35)),
        ("(120.16, 33.35)", (120.16, 33.35)),
        ("北纬33°21′，东经120°9′36″", (120.16, 33.35)),
        ("120°09′36″E 33°21′0″N", (120.16, 33.35)),
        ("40514893.21,3690001.07", (40514893.21, 3690001.07)),
    ],
)
def test_pairs(text: str, pair: tuple[float, float]) -> None:
    assert parse_pair(text) == pytest.approx(pair)


@pytest.mark.parametrize("text", ["120.16", "东经一百二十度", "120.16,33.35,5", "见附件"])
def test_what_is_no_pair_is_a_fault(text: str) -> None:
    assert parse_pair(text) == Fault("coordinate_unreadable")


@pytest.mark.parametrize(
    ("text", "value"), [("是", True), ("√", True), ("1", True), ("否", False), ("0", False), ("", None)]
)
def test_booleans(text: str, value: bool | None) -> None:
    assert parse_boolean(text) is value


def test_terms_with_synonyms_lists_and_single_terms() -> None:
    cat = catalogue()
    factory, park = cat.layer("factory"), cat.layer("park")
    smart = Terms(factory.field("smart_level"), cat)
    assert smart.parse("卓越级智能工厂") == "卓越级"
    assert isinstance(smart.parse("顶级"), Fault)
    lighthouse = Terms(factory.field("lighthouse"), cat)
    assert (lighthouse.parse("是"), lighthouse.parse("否")) == ("灯塔工厂", None)
    industries = Terms(park.field("industries"), cat)
    assert industries.parse_list("汽车、新能源等") == ("汽车", "新能源")
    some = industries.parse_list("汽车；炼丹")
    assert isinstance(some, Fault)
    assert some.value == ("汽车",)


def test_names_that_are_the_same() -> None:
    assert name_key("江苏（盐城）Ａ公司 ") == name_key("江苏(盐城)a公司")
    assert loose_name_key("盐城某某有限责任公司") == loose_name_key("盐城某某有限公司")
    assert name_key("盐城某某有限责任公司") != name_key("盐城某某有限公司")


@pytest.mark.parametrize(
    ("text", "day", "coarse"),
    [
        ("2026年底", "2026-12-31", "part"),
        ("2026年末", "2026-12-31", "part"),
        ("2026年初", "2026-01-31", "part"),
        ("2026年上半年", "2026-06-30", "part"),
        ("2026下半年", "2026-12-31", "part"),
        ("2026年一季度", "2026-03-31", "part"),
        ("2026年第3季度", "2026-09-30", "part"),
        ("2026Q2", "2026-06-30", "part"),
        ("2026年3月底", "2026-03-31", "part"),
        ("2026年2月下旬", "2026-02-28", "part"),
        ("2026年3月上旬", "2026-03-10", "part"),
        ("2026年", "2026-12-31", "year"),  # it is certain to have happened on the last day only
        ("2026", "2026-12-31", "year"),
        ("2026年3月", "2026-03-31", "month"),
        ("202602", "2026-02-28", "month"),
        ("2026-03-05", "2026-03-05", ""),
    ],
)
def test_what_is_named_by_less_than_a_day_counts_from_its_last_day(text: str, day: str, coarse: str) -> None:
    period = parse_date(text)
    assert isinstance(period, Period)
    assert (period.day.isoformat(), period.coarse) == (day, coarse)


FORMS = {
    "day": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "month": lambda d: f"{d.year}.{d.month:02d}",
    "month_cn": lambda d: f"{d.year}年{d.month}月",
    "quarter": lambda d: f"{d.year}年第{(d.month + 2) // 3}季度",
    "half": lambda d: f"{d.year}年{'上' if d.month < 7 else '下'}半年",
    "year": lambda d: f"{d.year}年度",
    "bare": lambda d: f"{d.year}",
}


@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(list(FORMS)))
def test_nothing_counts_before_it_has_certainly_happened(day: dt.date, form: str) -> None:
    period = parse_date(FORMS[form](day))
    assert isinstance(period, Period)
    assert period.first <= day <= period.day == period.last
    closer = parse_date(FORMS["day"](day))
    assert isinstance(closer, Period) and closer.day <= period.day


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("119 41 3.04", 119 + 41 / 60 + 3.04 / 3600),
        ("119 59 59.15E", 119 + 59 / 60 + 59.15 / 3600),
        ("东经120 22 8.19", 120 + 22 / 60 + 8.19 / 3600),
        ("N 33 20 8", 33 + 20 / 60 + 8 / 3600),
    ],
)
def test_degrees_minutes_and_seconds_with_spaces_only(text: str, degrees: float) -> None:
    assert parse_coordinate(text) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize("text", ["119 41", "119 61 3", "119 41 61", "1 200 300"])
def test_other_numbers_with_spaces_are_no_angle(text: str) -> None:
    assert isinstance(parse_coordinate(text), Fault)


@given(st.integers(1, 9_999), st.integers(0, 9_999), st.sampled_from(["万元", "万"]))
def test_an_amount_of_two_parts_is_their_sum(yi: int, wan: int, unit: str) -> None:
    both = parse_amount(f"{yi}亿{wan}{unit}")
    assert isinstance(both, Amount)
    assert convert(both, parse_unit("元"), None) == yi * 10**8 + wan * 10**4


@given(st.dates(dt.date(2000, 1, 1), dt.date(2059, 12, 31)), st.sampled_from("〇零○O0"))
def test_years_in_chinese_digits_with_any_circle(day: dt.date, circle: str) -> None:
    digits = "〇一二三四五六七八九"
    tens = {0: "", 1: "十", 2: "二十", 3: "三十"}
    number = [tens[n // 10] + (digits[n % 10] if n % 10 else "") for n in (day.month, day.day)]
    year = "".join(digits[int(c)] for c in str(day.year)).replace("〇", circle)
    found = parse_date(f"{year}年{number[0]}月{number[1]}日")
    assert isinstance(found, Period) and found.first == found.last == day


@given(
    st.integers(73, 134), st.integers(0, 59), st.integers(0, 59), st.integers(18, 53), st.integers(0, 59),
    st.sampled_from(
        ["东经{}°{}′{}″北纬{}°{}′", "经度{}°{}′{}″ 纬度{}°{}′", "E{}-{}-{},N{}-{}-0", "N{3}°{4}′E{0}°{1}′{2}″"]
    ),
)  # fmt: skip
def test_a_pair_whose_hemispheres_are_named_comes_longitude_first(
    d: int, m: int, s: int, e: int, n: int, form: str
) -> None:
    found = parse_pair(form.format(d, m, s, e, n))
    assert found == pytest.approx((d + m / 60 + s / 3600, e + n / 60))


@given(st.text(alphabet="甲乙(（有限公司 \u200b\ufeff\u202a\u00ad\u2060", max_size=12))
def test_marks_that_nobody_sees_make_no_other_name(name: str) -> None:
    bare = "".join(c for c in name if c not in "\u200b\ufeff\u202a\u00ad\u2060")
    assert name_key(name) == name_key(bare)
    assert visible(name) == visible(bare)
