"""Where this deployment's database is."""

from __future__ import annotations

from geo.errors import MachineError
from layers.settings import Settings
from layers.store import cluster


def database_dsn(settings: Settings) -> str:
    """Return the URL of the database: the one that is set, else the private cluster's, which must be up.

    Raises
    ------
    MachineError
        Neither is there.
    """
    url = settings.database_url or cluster.connection_url(settings.var_dir)
    if not url:
        raise MachineError("数据库没有启动。", "请先运行 yuantu up，或设置 YUANTU_DATABASE_URL。")
    return url
