"""The container files, read and held to rules: no engine is needed for it."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.support import ROOT

DOCKERFILE = ROOT / "docker/Dockerfile"
COMPOSE = ROOT / "docker/compose.yml"
KNOWN = {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}


def instructions(text: str) -> list[tuple[str, str]]:
    """Read a Dockerfile: comments out, continued lines joined, each instruction with its arguments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    parts = [line.strip().partition(" ") for line in joined.splitlines() if line.strip()]
    return [(word.upper(), rest.strip()) for word, _, rest in parts]


def image_fault(image: str) -> str | None:
    _, colon, tag = image.rpartition(":")
    return None if colon and tag not in {"", "latest"} and "/" not in tag else f"{image}: no fixed tag"


def dockerfile_faults(text: str, root: Path, targets: set[str]) -> list[str]:
    """Everything that is wrong with a Dockerfile; empty when nothing is."""
    found = instructions(text)
    faults = [f"unknown instruction {word}" for word, _ in found if word not in KNOWN]
    stages: list[str] = []
    last: dict[str, str] = {}
    for word, rest in found:
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            if image not in stages:
                faults += [fault] if (fault := image_fault(image)) else []
            stages.append(name or str(len(stages)))
            last = {}
        elif word == "COPY":
            *sources, _ = [part for part in shlex.split(rest) if not part.startswith("--")]
            if origin := re.search(r"--from=(\S+)", rest):
                faults += [] if origin.group(1) in stages else [f"COPY from unknown stage {origin.group(1)}"]
            else:
                faults += [f"COPY of missing {source}" for source in sources if not (root / source).exists()]
        elif word == "RUN":
            made = re.findall(r"\bmake ((?:[a-z-]+ ?)+)", re.sub(r"apt-get install[^&]*", "", rest))
            faults += [f"unknown target {name}" for goals in made for name in goals.split() if name not in targets]
        last[word] = rest
    if len(stages) < 2:
        faults.append("one stage only")
    if last.get("USER", "root").split(":")[0] in {"root", "0"}:
        faults.append("runs as root")
    if "/readyz" not in last.get("HEALTHCHECK", ""):
        faults.append("no health check on /readyz")
    return faults


def compose_faults(text: str, root: Path) -> list[str]:
    """Everything that is wrong with a compose file; empty when nothing is."""
    document = yaml.safe_load(text)
    faults: list[str] = []
    for name, service in document["services"].items():
        faults += [fault] if (fault := image_fault(service.get("image", ""))) else []
        faults += [f"{name}: port {p} open to all" for p in service.get("ports", []) if not p.startswith("127.0.0.1:")]
        if service.get("network_mode") == "host" and service["environment"].get("YUANTU_HOST") != "127.0.0.1":
            faults.append(f"{name}: listens beyond loopback")
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source not in document.get("volumes", {}):
                faults.append(f"{name}: volume {source} is not declared")
        for other in service.get("depends_on", {}):
            if "healthcheck" not in document["services"][other]:
                faults.append(f"{name}: waits for {other}, which has no health check")
        build = service.get("build")
        if build and not (root / "docker" / build["context"] / build["dockerfile"]).is_file():
            faults.append(f"{name}: no {build['dockerfile']}")
        for key, value in service.get("environment", {}).items():
            if "PASSWORD" in key and not str(value).startswith("${"):
                faults.append(f"{name}: {key} is written down")
    return faults


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_the_dockerfile() -> None:
    assert dockerfile_faults(DOCKERFILE.read_text("utf-8"), ROOT, make_targets()) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("USER yuantu", "USER root", "runs as root"),
        ("USER yuantu\n", "", "runs as root"),
        ("debian:12.11-slim", "debian:latest", "debian:latest: no fixed tag"),
        ("debian:12.11-slim", "debian", "debian: no fixed tag"),
        ("COPY app app", "COPY apps app", "COPY of missing apps"),
        ("--from=build", "--from=built", "COPY from unknown stage built"),
        ("make system-web", "make system-all", "unknown target system-all"),
        ("/readyz", "/", "no health check on /readyz"),
        ("WORKDIR", "ADD", "unknown instruction ADD"),
    ],
)
def test_the_dockerfile_check_sees_a_fault(old: str, new: str, fault: str) -> None:
    text = DOCKERFILE.read_text("utf-8").replace(old, new)
    assert dockerfile_faults(text, ROOT, make_targets()) == [fault]


def test_the_image_has_the_folders_of_the_program() -> None:
    copied = " ".join(rest for word, rest in instructions(DOCKERFILE.read_text("utf-8")) if word == "COPY")
    assert {"app", "geo", "layers", "etl", "data", "NOTICE"} <= set(copied.split())


def test_the_compose_file() -> None:
    assert compose_faults(COMPOSE.read_text("utf-8"), ROOT) == []
    document = yaml.safe_load(COMPOSE.read_text("utf-8"))
    arguments = document["services"]["db"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert {"--encoding=UTF8", "--icu-locale=zh-CN"} <= set(arguments.split())


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"127.0.0.1:15431:5432"', '"15431:5432"', "db: port 15431:5432 open to all"),
        ("YUANTU_HOST: 127.0.0.1", "YUANTU_HOST: 0.0.0.0", "app: listens beyond loopback"),
        ("postgis/postgis:16-3.4", "postgis/postgis", "postgis/postgis: no fixed tag"),
        ("- state:", "- stat:", "app: volume stat is not declared"),
        ("${YUANTU_DB_PASSWORD:?请先设置 YUANTU_DB_PASSWORD}", "easy", "db: POSTGRES_PASSWORD is written down"),
        ("docker/Dockerfile\n", "docker/Dockerfil\n", "app: no docker/Dockerfil"),
        ("    healthcheck:", "    x-healthcheck:", "app: waits for db, which has no health check"),
    ],
)
def test_the_compose_check_sees_a_fault(old: str, new: str, fault: str) -> None:
    text = COMPOSE.read_text("utf-8")
    assert old in text
    assert compose_faults(text.replace(old, new), ROOT) == [fault]
