"""Kernels over a text column's UTF-8 bytes: each cell is looked at once, whatever the column holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from geo._jit import jit

DIGIT, UPPER, LOWER, DOT, DASH, SPACE, MARK, CONTROL, HAN, WIDE, OTHER = (1 << i for i in range(11))
NO_DAY = np.iinfo(np.int32).min
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FFF
_FIRST_WIDE, _LAST_WIDE = 0xFF01, 0xFF5E


def _ascii_kinds() -> npt.NDArray[np.uint16]:
    """Return the kind of each ASCII character; every printable one that is no other is a mark."""
    kinds = np.full(128, MARK, np.uint16)
    kinds[:32] = kinds[127] = CONTROL
    kinds[ord("0") : ord("9") + 1], kinds[ord("A") : ord("Z") + 1] = DIGIT, UPPER
    kinds[ord("a") : ord("z") + 1], kinds[ord(" ")] = LOWER, SPACE
    kinds[ord(".")], kinds[ord("-")] = DOT, DASH
    return kinds


ASCII_KINDS = _ascii_kinds()
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_VALUES = np.full(128, -1, np.int64)
CREDIT_VALUES[[ord(c) for c in _SIGNS]] = range(31)
CREDIT_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)], np.int64)


@jit
def scan(data: Any, offsets: Any, ascii_kinds: Any, kinds: Any, first: Any, last: Any) -> None:
    """Say of each cell which kinds of characters it has, and which is its first and its last."""
    for i in range(len(offsets) - 1):
        k, end = offsets[i], offsets[i + 1]
        found = 0
        one: Any = -1
        first[i] = -1
        begin = k
        while k < end:
            b = np.int32(data[k])
            at = k
            if b < 128:
                one = b
                found |= ascii_kinds[b]
                k += 1
            else:
                if b < 0xE0:
                    one = ((b & 0x1F) << 6) | (data[k + 1] & 0x3F)
                    k += 2
                elif b < 0xF0:
                    one = ((b & 0x0F) << 12) | (np.int32(data[k + 1] & 0x3F) << 6) | (data[k + 2] & 0x3F)
                    k += 3
                else:
                    one = (
                        ((b & 0x07) << 18) | (np.int32(data[k + 1] & 0x3F) << 12)
                        | (np.int32(data[k + 2] & 0x3F) << 6) | (data[k + 3] & 0x3F)
                    )  # fmt: skip
                    k += 4
                if _FIRST_HAN <= one <= _LAST_HAN:
                    found |= HAN
                elif _FIRST_WIDE <= one <= _LAST_WIDE:
                    found |= WIDE
                else:
                    found |= OTHER
            if at == begin:
                first[i] = one
        kinds[i] = found
        last[i] = one


@jit
def decimals(data: Any, offsets: Any, number: Any, scale: Any) -> None:
    """Read ``-12.50`` as -1250 and 2; ``scale`` is -1 where a cell is no plain decimal of up to 18 digits."""
    for i in range(len(offsets) - 1):
        k, end = offsets[i], offsets[i + 1]
        negative = k < end and data[k] == 45
        k += negative
        value: Any = 0
        digits, dot = 0, -1
        good = True
        while k < end:
            b = data[k]
            if 48 <= b <= 57:
                value = value * 10 + np.int64(b - 48)
                digits += 1
            elif b == 46 and dot < 0 and digits > 0:
                dot = digits
            else:
                good = False
                break
            if digits > 18:
                good = False
                break
            k += 1
        good = good and digits > 0 and dot != digits
        number[i] = -value if negative else value
        scale[i] = -1 if not good else 0 if dot < 0 else digits - dot


@jit
def days(data: Any, offsets: Any, out: Any) -> None:
    """Read ``2026-03-05``, ``2026/3/5`` or ``2026.3.5`` as days since 1970; NO_DAY where a cell is no such date."""
    for i in range(len(offsets) - 1):
        k, end = offsets[i], offsets[i + 1]
        out[i] = NO_DAY
        if end - k < 8 or end - k > 10:
            continue
        year: Any = 0
        month: Any = 0
        day: Any = 0
        part = digits = 0
        good = True
        while k < end:
            b = data[k]
            if 48 <= b <= 57:
                digits += 1
                if part == 0:
                    year = year * 10 + np.int64(b - 48)
                elif part == 1:
                    month = month * 10 + np.int64(b - 48)
                else:
                    day = day * 10 + np.int64(b - 48)
            elif b == 45 or b == 46 or b == 47:
                if digits != 4 if part == 0 else digits == 0 or digits > 2:
                    good = False
                part += 1
                digits = 0
            else:
                good = False
            k += 1
        if not good or part != 2 or digits == 0 or digits > 2 or year < 1900 or year > 2100 or month < 1 or month > 12:
            continue
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        longest = 31
        if month == 4 or month == 6 or month == 9 or month == 11:
            longest = 30
        elif month == 2:
            longest = 29 if leap else 28
        if day < 1 or day > longest:
            continue
        y = year - (month <= 2)  # days from the civil calendar: the year begins in March
        era = y // 400
        of_era = y - era * 400
        of_year = (153 * (month + (9 if month <= 2 else -3)) + 2) // 5 + day - 1
        out[i] = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@jit
def credit_codes(data: Any, offsets: Any, values: Any, weights: Any, out: Any) -> None:
    """Say which cells are a 统一社会信用代码 with the right check character, written as it is stored."""
    for i in range(len(offsets) - 1):
        k, end = offsets[i], offsets[i + 1]
        out[i] = False
        if end - k != 18:
            continue
        good, total = True, 0
        for j in range(18):
            b = data[k + j]
            value = values[b] if b < 128 else -1
            if value < 0 or (2 <= j < 8 and value > 9):
                good = False
                break
            if j < 17:
                total += value * weights[j]
            else:
                good = value == (31 - total % 31) % 31
        out[i] = good


@jit
def project_codes(data: Any, offsets: Any, out: Any) -> None:
    """Say which cells are a 项目代码 of the usual form, YYMM-adcode-NN-NN-NNNNNN."""
    for i in range(len(offsets) - 1):
        k, end = offsets[i], offsets[i + 1]
        out[i] = False
        if end - k != 24:
            continue
        good = True
        for j in range(24):
            b = data[k + j]
            dash = j == 4 or j == 11 or j == 14 or j == 17
            good = good and (b == 45 if dash else 48 <= b <= 57)
        if good:
            month = np.int64(data[k + 2] - 48) * 10 + np.int64(data[k + 3] - 48)
            out[i] = 1 <= month <= 12


@jit
def hashes(data: Any, offsets: Any, out: Any) -> None:
    """Give equal cells equal numbers, and different ones different numbers but for one in 2^64."""
    for i in range(len(offsets) - 1):
        h = np.uint64(0xCBF29CE484222325)
        for k in range(offsets[i], offsets[i + 1]):
            h = (h ^ np.uint64(data[k])) * np.uint64(0x100000001B3)
        h ^= h >> np.uint64(32)
        h = h * np.uint64(0x9E3779B97F4A7C15)
        out[i] = h ^ (h >> np.uint64(29))


@jit
def repeated(numbers: Any, look: Any, slots: Any, owner: Any, out: Any) -> None:
    """Mark the rows of ``look`` whose number another of them has; ``slots`` and ``owner`` (-1) are a hash table."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(numbers)):
        out[i] = False
        if not look[i]:
            continue
        at = numbers[i] & mask
        while owner[at] >= 0 and slots[at] != numbers[i]:
            at = (at + np.uint64(1)) & mask
        if owner[at] < 0:
            owner[at], slots[at] = i, numbers[i]
        else:
            out[i] = out[owner[at]] = True


@jit
def count_cells(data: Any, start: int, separator: int) -> tuple[int, int]:
    """Return how many lines there are from ``start`` on, and the most cells that one of them has."""
    lines, most, cells = 0, 0, 1
    for k in range(start, len(data)):
        b = data[k]
        if b == separator:
            cells += 1
        elif b == 10:
            lines += 1
            most = max(most, cells)
            cells = 1
    if start < len(data) and data[len(data) - 1] != 10:
        lines += 1
        most = max(most, cells)
    return lines, most


@jit
def find_cells(data: Any, start: int, separator: int, begin: Any, end: Any) -> None:
    """Find where each cell begins and ends, column by line; cells that a line does not have are empty."""
    n, width = begin.shape[1], begin.shape[0]
    k, stop = start, len(data)
    for i in range(n):
        j = 0
        begin[0, i] = k
        while k < stop and data[k] != 10:
            if data[k] == separator:
                end[j, i] = k
                j += 1
                begin[j, i] = k + 1
            k += 1
        end[j, i] = k - 1 if k > begin[j, i] and data[k - 1] == 13 else k
        for m in range(j + 1, width):
            begin[m, i] = end[m, i] = k
        k += 1


@jit
def gather(data: Any, begin: Any, offsets: Any, out: Any) -> None:
    """Put the cells of one column one after the other."""
    for i in range(len(begin)):
        k = begin[i]
        for at in range(offsets[i], offsets[i + 1]):
            out[at] = data[k]
            k += 1
