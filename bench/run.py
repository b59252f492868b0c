"""`make bench`: a table of ratios against peers, all measured in the same run on the same machine."""

from rich.console import Console
from rich.table import Table


def table() -> Table:
    """Lay out the table; a measurement adds one row each."""
    out = Table(title="性能对照（同一台机器，同一次运行）")
    for column in ("项目", "园图", "对照", "倍数"):
        out.add_column(column)
    return out


if __name__ == "__main__":
    Console().print(table())
