"""Each check of the doctor is tried on a machine that really has the fault."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import doctor
from app.doctor import Finding, run_checks
from geo.errors import MachineError
from layers.store import cluster, installation
from layers.store.cluster_place import server_account
from layers.store.diagnosis import database_facts
from layers.store.installation import choose_installation, find_installations
from tests.support import free_port


@dataclass(frozen=True)
class Wanted:
    database_url: str
    var_dir: Path
    host: str = "127.0.0.1"
    port: int = 0


@contextmanager
def unprivileged() -> Iterator[None]:
    """Lay root's rights down for the block."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def one(findings: list[Finding], name: str) -> Finding:
    return next(finding for finding in findings if finding.id == name)


def is_told(finding: Finding, *words: str) -> bool:
    """A fault names what was found and has a cure."""
    text = f"{finding.found}{finding.expected}{finding.cure}"
    return not finding.ok and bool(finding.cure) and all(word in text for word in words)


def test_a_healthy_machine_has_no_fault(database_url: str, tmp_path: Path) -> None:
    findings = run_checks(Wanted(database_url, tmp_path, port=free_port()))
    assert [finding for finding in findings if not finding.ok] == []
    assert {"python", "rights", "disk", "port", "fonts", "database", "locale", "clock"} == {f.id for f in findings}
    assert all(finding.cure == "" for finding in findings)


def test_port_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        finding = one(run_checks(Wanted("", tmp_path, port=port)), "port")
        assert is_told(finding, str(port), "YUANTU_PORT", f"进程 {os.getpid()}")
    assert doctor.check_port("127.0.0.1", port).ok


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    assert is_told(one(run_checks(Wanted("", tmp_path, host="192.0.2.1", port=8050)), "port"), "192.0.2.1")


def test_no_space(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert is_told(doctor.check_disk(tmp_path / "var", min_free_bytes=free + 2**40), "YUANTU_VAR_DIR")
    assert doctor.check_disk(tmp_path / "var", min_free_bytes=1).ok


def test_no_rights() -> None:
    with tempfile.TemporaryDirectory(prefix="yuantu-ground-") as name:
        Path(name).chmod(0o755)
        closed = Path(name, "closed")
        closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o400)
        with unprivileged():
            findings = run_checks(Wanted("", closed / "deep" / "var", port=free_port()))
        assert is_told(one(findings, "rights"), str(closed), "chown")
        assert is_told(one(findings, "cluster"), str(closed), "权限")
        assert doctor.check_rights(Path(name)).ok


def test_a_file_where_the_data_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    assert is_told(doctor.check_rights(tmp_path / "var"), "不是文件夹")


def copied_server(tmp_path: Path, control: str | None) -> Path:
    """A PostgreSQL of its own prefix: the real programs, and PostGIS as the control file says."""
    real = choose_installation(find_installations())
    bindir = tmp_path / "usr/lib/postgresql" / str(real.major) / "bin"
    bindir.mkdir(parents=True)
    for name in ("postgres", "initdb", "pg_ctl", "pg_config"):
        shutil.copy(real.bindir / name, bindir / name)
    share = tmp_path / "usr/share/postgresql" / str(real.major) / "extension"
    share.mkdir(parents=True)
    if control:
        (share / "postgis.control").write_text(f"default_version = '{control}'\n")
    return bindir


def test_postgresql_without_postgis(tmp_path: Path) -> None:
    found = find_installations([copied_server(tmp_path, None)])
    assert doctor.check_postgres(found).ok
    assert is_told(doctor.check_postgis(found), "未安装", "make system")
    with pytest.raises(MachineError, match=r"PostGIS 未安装.*需要 PostgreSQL ≥ 15 和 PostGIS ≥ 3\.3.*make system"):
        choose_installation(found)


@pytest.mark.parametrize(("version", "ok"), [("3.2.5", False), ("3.3.0", True), ("3.10.1", True), ("2.5", False)])
def test_postgis_too_old(tmp_path: Path, version: str, ok: bool) -> None:
    finding = doctor.check_postgis(find_installations([copied_server(tmp_path, version)]))
    assert finding.ok if ok else is_told(finding, version, "≥ 3.3")


def test_postgresql_too_old(tmp_path: Path) -> None:
    bindir = copied_server(tmp_path, "3.3.2")
    (bindir / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.9 (Debian 13.9-1)'\n")
    found = find_installations([bindir])
    assert is_told(doctor.check_postgres(found), "PostgreSQL 13", "≥ 15")
    assert is_told(doctor.check_postgis(found))


def test_postgresql_missing(tmp_path: Path) -> None:
    found = find_installations([tmp_path])
    assert is_told(doctor.check_postgres(found), "没有 PostgreSQL")
    with pytest.raises(MachineError, match="本机没有 PostgreSQL 服务器"):
        choose_installation(found)


def test_leftovers_are_told_with_a_cure_but_are_no_fault(tmp_path: Path) -> None:
    assert doctor.check_leftovers([]).cure == ""
    finding = doctor.check_leftovers([tmp_path / "old"])
    assert finding.ok and str(tmp_path / "old") in finding.cure


def test_database_unreachable(tmp_path: Path) -> None:
    url = f"postgresql://someone:secret-word@127.0.0.1:{free_port()}/nothing"
    finding = one(run_checks(Wanted(url, tmp_path, port=free_port())), "database")
    assert is_told(finding, "连接不上", "YUANTU_DATABASE_URL")
    assert "secret-word" not in str(finding)


def test_wrong_password(database_url: str, tmp_path: Path) -> None:
    url = database_url.replace(database_url.split(":")[2].split("@")[0], "wrong-word")
    finding = one(run_checks(Wanted(url, tmp_path, port=free_port())), "database")
    assert is_told(finding, "password authentication failed")


def test_half_made_cluster(tmp_path: Path) -> None:
    (tmp_path / "pg/data").mkdir(parents=True)
    (tmp_path / "pg/data/PG_VERSION").write_text("15\n")
    assert is_told(one(run_checks(Wanted("", tmp_path, port=free_port())), "cluster"), "没有建完", "make run")


def test_a_cluster_of_another_version(tmp_path: Path) -> None:
    (tmp_path / "pg/data").mkdir(parents=True)
    (tmp_path / "pg/data/PG_VERSION").write_text("12\n")
    (tmp_path / "pg/COMPLETE").write_text("")
    assert is_told(one(run_checks(Wanted("", tmp_path, port=free_port())), "cluster"), "PostgreSQL 12")
    with pytest.raises(MachineError, match="由 PostgreSQL 12 建立"):
        choose_installation(find_installations(), major=12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--encoding=SQL_ASCII", "--locale=C"], ["SQL_ASCII", "不按拼音"]),
        (["--encoding=UTF8", "--locale=C"], ["UTF8", "不按拼音"]),
    ],
)
def test_wrong_locale(arguments: list[str], words: list[str], template_url: str) -> None:
    """A real database of that locale, made beside the others."""
    server = choose_installation(find_installations())
    environment = {"PGPASSWORD": template_url.split(":")[2].split("@")[0], "PATH": "/usr/bin:/bin"}
    port = template_url.split(":")[3].split("/")[0]
    address = ["--host=127.0.0.1", f"--port={port}", f"--username={cluster.SUPERUSER}"]
    name = f"locale_{os.getpid()}_{len(arguments[0])}"
    provider = ["--template=template0", "--locale-provider=libc"]
    make = [server.bindir / "createdb", *address, *provider, *arguments, name]
    subprocess.run(make, check=True, env=environment, cwd="/")
    try:
        facts = database_facts(f"{template_url.rsplit('/', 1)[0]}/{name}")
    finally:
        subprocess.run([server.bindir / "dropdb", *address, name], check=True, env=environment, cwd="/")
    assert is_told(doctor.check_locale(facts), *words, "ICU_LOCALE")


def test_clock(database_url: str) -> None:
    facts = database_facts(database_url)
    now = datetime.now(UTC)
    assert doctor.check_clock(facts.now, now).ok
    assert is_told(doctor.check_clock(facts.now, now + timedelta(minutes=5)), "相差 300 秒")
    assert is_told(doctor.check_clock(facts.now, now - timedelta(minutes=5)), "相差 300 秒")
    wrong = datetime(1970, 1, 2, tzinfo=UTC)
    assert is_told(doctor.check_clock(wrong, wrong), "1970", "2025")


def test_old_postgis_in_a_database_that_answers(database_url: str) -> None:
    facts = database_facts(database_url)
    assert doctor.check_database(facts).ok
    assert is_told(doctor.check_database(replace(facts, postgis_installed="3.1.4")), "3.1.4")
    assert is_told(doctor.check_database(replace(facts, postgis_installed=None, postgis_available=None)), "未安装")


def test_fonts_missing(tmp_path: Path) -> None:
    assert is_told(doctor.check_fonts([tmp_path, tmp_path / "none"]), "fonts-noto-cjk")
    (tmp_path / "NotoSansCJK-Regular.ttc").touch()
    assert doctor.check_fonts([tmp_path]).ok


def test_python_too_old() -> None:
    assert is_told(doctor.check_python((3, 10)), "3.10", "3.11")
    assert doctor.check_python((3, 11)).ok
    assert doctor.check_python((3, 13)).ok


def test_versions_are_compared_as_numbers() -> None:
    assert installation.version_of("3.10.1-1~deb12") == (3, 10, 1) > installation.version_of("3.3")


def test_the_account_of_the_server_is_not_root() -> None:
    assert server_account().uid != 0
