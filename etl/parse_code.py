"""Codes with a form that can be checked: 统一社会信用代码, 项目代码, adcodes, GB/T 4754 industries, URLs."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from etl.fault import Fault
from etl.parse_text import compact, is_no_word, is_nothing

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT = re.compile(r"^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$")
_PROJECT = re.compile(r"^(\d{4}|\d{2}\d{2})-(\d{6})-(\d{2})-(\d{2})-(\d{6})$")
_PROJECT_BARE = re.compile(r"^\d{20}$")
_ADCODE = re.compile(r"^\d{6}(?:\d{3}|\d{6})?$")
_INDUSTRY = re.compile(r"^[A-T]?\d{2,4}$|^[A-T]$")
_URL = re.compile(r"^https?://[^\s]+$", re.IGNORECASE)


def credit_check_character(first17: str) -> str:
    """Return the check character of a 统一社会信用代码.

    Source: GB 32100-2015, section 4.2 and annex A: 31 minus the weighted sum modulo 31, weights 3**i mod 31.
    """
    total = sum(map(operator.mul, map(_VALUES.__getitem__, first17), _WEIGHTS))
    return _ALPHABET[(31 - total % 31) % 31]


def parse_credit_code(text: str | None) -> str | Fault | None:
    """Read a 统一社会信用代码: 18 characters with the right check character."""
    if text is None or is_nothing(text) or is_no_word(text):
        return None
    code = compact(text).upper().replace("-", "")
    if not _CREDIT.match(code):
        guess = code.replace("O", "0").replace("I", "1").replace("Z", "2").replace("S", "5").replace("V", "U")
        cure = guess if _CREDIT.match(guess) and credit_check_character(guess[:17]) == guess[17] else ""
        hint = f"若为“{cure}”则校验位正确。" if cure else ""
        return Fault("credit_code_invalid", None, {"found": f"{len(code)} 位", "hint": hint})
    right = credit_check_character(code[:17])
    if right != code[17]:
        return Fault("credit_code_invalid", None, {"found": f"末位“{code[17]}”，应为“{right}”", "hint": ""})
    return code


def parse_project_code(text: str | None) -> str | Fault | None:
    """Read a 项目代码: YYMM-adcode-NN-NN-NNNNNN, older ones with YYYY; 20 bare digits get their hyphens."""
    if text is None or is_nothing(text) or is_no_word(text):
        return None
    code = re.sub(r"[－–—_]", "-", compact(text))
    if _PROJECT_BARE.match(code):
        code = "-".join((code[:4], code[4:10], code[10:12], code[12:14], code[14:]))
    found = _PROJECT.match(code)
    if found is None:
        return Fault("project_code_invalid")
    head = found.group(1)
    if not (1 <= int(head[2:]) <= 12 or 2000 <= int(head) <= 2099):
        return Fault("project_code_invalid")
    return code


def parse_adcode(text: str | None) -> str | Fault | None:
    """Read an administrative code of 6, 9 or 12 digits, as text."""
    if text is None or is_nothing(text) or is_no_word(text):
        return None
    code = compact(text).upper().removesuffix(".0")
    return code if _ADCODE.match(code) or re.match(r"^\d{4}[A-Z]{2}$", code) else Fault("adcode_invalid")


def parse_industry(text: str | None) -> str | Fault | None:
    """Read a GB/T 4754-2017 code: a letter, or two to four digits with or without their letter."""
    if text is None or is_nothing(text) or is_no_word(text):
        return None
    code = compact(text).upper().removesuffix(".0")
    found = re.match(r"^([A-T]?\d{2,4}|[A-T])(?=[^\dA-Z]|$)", code)
    if found is None or not _INDUSTRY.match(found.group(1)):
        return Fault("industry_code_invalid")
    return found.group(1)


def parse_url(text: str | None) -> str | Fault | None:
    """Read an address; several, separated by spaces, commas or semicolons, are kept as they are."""
    if text is None or is_nothing(text):
        return None
    parts = [p for p in re.split(r"[\s;；，,]+(?=https?://)", text.strip()) if p]
    return text.strip() if parts and all(_URL.match(p) for p in parts) else Fault("url_invalid", text.strip())


FORMATS: dict[str, Callable[[str | None], str | Fault | None]] = {
    "credit_code": parse_credit_code,
    "project_code": parse_project_code,
    "adcode": parse_adcode,
    "industry": parse_industry,
    "url": parse_url,
}
