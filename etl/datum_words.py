"""The words by which files name their datum."""

from __future__ import annotations

import re
from collections.abc import Iterable

from etl.parse_text import header_key

_WORDS = {
    "gcj02": re.compile(r"高德|腾讯|火星|gcj|amap|autonavi", re.IGNORECASE),
    "bd09": re.compile(r"百度|bd[-_ ]?09|baidu", re.IGNORECASE),
    "cgcs2000": re.compile(r"cgcs|国家2000|2000国家|大地2000|2000坐标|2000大地|天地图|国家大地坐标", re.IGNORECASE),
    "wgs84": re.compile(r"wgs|gps|84坐标|84经|谷歌地球|google earth", re.IGNORECASE),
}
DATUM_COLUMNS = frozenset(
    header_key(w) for w in ("坐标系", "坐标系统", "坐标类型", "坐标基准", "datum", "crs", "坐标来源")
)


def named_datums(words: Iterable[str]) -> list[str]:
    """Return the datums that some texts name, each once."""
    texts = list(words)
    return [name for name, pattern in _WORDS.items() if any(pattern.search(w) for w in texts)]
