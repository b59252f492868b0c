"""Starting the web app: where it may listen, which database it asks, and granian that runs it."""

from __future__ import annotations

import ipaddress
import socket

from rich.console import Console

from app.place import database_dsn
from geo.errors import MachineError
from layers.settings import Settings


def check_host(host: str) -> None:
    """Refuse any address but loopback while there are no accounts.

    Raises
    ------
    MachineError
        The address can be reached from outside.
    """
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise MachineError(
            f"还没有账户管理，不能在 {host} 上对外提供服务。",
            "请用 127.0.0.1；需要对外时，请在前面放有登录的反向代理。",
        )


def serve(settings: Settings, host: str, port: int, workers: int, err: Console) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises
    ------
    MachineError
        The address is not loopback, the port is taken, or there is no database to ask.
    """
    from granian import Granian
    from granian.constants import Interfaces

    check_host(host)
    check_port(host, port)
    database_dsn(settings)
    settings.secret()
    err.print(f"园图：http://{host}:{port}（Ctrl-C 停止）", markup=False)
    Granian(
        "app.server:create_app",
        factory=True,
        address="127.0.0.1" if host == "localhost" else host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        log_level="warning",
        workers_kill_timeout=5,
        respawn_failed_workers=workers > 1,
    ).serve()


def check_port(host: str, port: int) -> None:
    """Refuse a port that somebody holds or that this account may not take.

    Raises
    ------
    MachineError
        Says which of the two.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise MachineError(f"没有权限使用端口 {port}。", "请用 1024 以上的端口，例如 --port 8050。") from error
        except OSError as error:
            raise MachineError(
                f"端口 {port} 已被占用。", "请停止占用它的程序，或换一个端口，例如 yuantu serve --port 8051。"
            ) from error
