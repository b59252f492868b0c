#!/usr/bin/env bash
# What the machine needs, step by step; each step does nothing when its thing is there.
#   machine.sh python | database | postgis | fonts | browser | venv [runtime] | clean [data]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

MIN_POSTGRES=15
MIN_POSTGIS=3.3

say() { printf '园图：%s\n' "$*" >&2; }
die() { say "$1"; exit 2; }
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# --- Debian's packages ---------------------------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "需要管理员权限。请以 root 执行：$*"; fi
}

updated=
apt_update() {
  command -v apt-get >/dev/null || die "本机不是 Debian 或 Ubuntu，请自行安装：$1"
  [ -n "$updated" ] || as_root apt-get update -qq >/dev/null || die "apt-get update 失败，请检查软件源。"
  updated=1
}

install() { # reason, packages
  local why=$1; shift
  say "$why，正在安装 $*（只需一次）…"
  local log; log=$(mktemp)
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      -o Dpkg::Options::=--force-confold "$@" >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2; rm -f "$log"
    die "安装失败。请以 root 执行：apt-get update && apt-get install $*"
  fi
  rm -f "$log"
}

# --- PostgreSQL with PostGIS ---------------------------------------------------------------------

servers() { # "major bindir" of every server, newest first
  { command -v pg_config >/dev/null && pg_config --bindir 2>/dev/null || true
    ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null || true
    dirname "$(readlink -f "$(command -v postgres || echo /)")"
  } | sort -u | while read -r bin; do
    [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] || continue
    printf '%s %s\n' "$("$bin/postgres" --version | sed -E 's/.*\(PostgreSQL\) ([0-9]+).*/\1/')" "$bin"
  done | sort -rn
}

postgis_of() { # major, bindir
  local share; share=$("$2/pg_config" --sharedir 2>/dev/null) || share=/usr/share/postgresql/$1
  sed -nE "s/^default_version *= *'([^']+)'.*/\1/p" "$share/extension/postgis.control" 2>/dev/null || true
}

has_postgis() {
  local major bin version
  while read -r major bin; do
    version=$(postgis_of "$major" "$bin")
    [ "$major" -ge $MIN_POSTGRES ] && [ -n "$version" ] && at_least "$version" $MIN_POSTGIS && return 0
  done < <(servers)
  return 1
}

postgis_package() { # the package for a server that is there, else the newest one offered
  local offered major
  offered=$(apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | sed -E 's/^postgresql-([0-9]+)-.*/\1/' | sort -rn)
  for major in $(servers | cut -d' ' -f1) $offered; do
    [ "$major" -ge $MIN_POSTGRES ] && grep -qx "$major" <<<"$offered" || continue
    local version; version=$(apt-cache policy "postgresql-$major-postgis-3" | sed -nE 's/ *Candidate: *([0-9]+:)?([0-9.]+).*/\2/p')
    at_least "$version" $MIN_POSTGIS || continue
    echo "postgresql-$major-postgis-3"; return 0
  done
  return 1
}

postgis() {
  has_postgis && return 0
  apt_update "PostgreSQL ≥ $MIN_POSTGRES 和 PostGIS ≥ $MIN_POSTGIS"
  local package
  package=$(postgis_package) || die "软件源里没有 PostgreSQL ≥ $MIN_POSTGRES 的 PostGIS ≥ $MIN_POSTGIS；请升级系统，或用 YUANTU_DATABASE_URL 指向已有的 PostGIS 数据库。"
  # Debian's package would make and start a cluster of its own on port 5432; where we bring the package in, it need not.
  if [ ! -d /etc/postgresql-common ]; then
    as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  install "没有可用的 PostGIS" "$package"
  has_postgis || die "安装 $package 之后仍没有可用的 PostGIS，请执行 yuantu doctor。"
}

database() { [ -n "${YUANTU_DATABASE_URL:-}" ] || postgis; }

# --- Python --------------------------------------------------------------------------------------

find_python() { # the first Python >= 3.11 that can make a venv
  local name
  for name in python3.11 python3.12 python3.13 python3 python3.14; do
    "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
    command -v "$name"; return 0
  done
  return 1
}

python() {
  [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null && return 0
  find_python >/dev/null && return 0
  apt_update "Python ≥ 3.11 和它的 venv 模块"
  local offered name
  offered=$(apt-cache policy python3 | sed -nE 's/ *Candidate: *([0-9]+:)?([0-9.]+).*/\2/p')
  if at_least "${offered:-0}" 3.11; then install "没有可用的 Python" python3 python3-venv
  else
    for name in python3.13 python3.12 python3.11; do
      if apt-cache show "$name-venv" >/dev/null 2>&1; then install "没有可用的 Python" "$name" "$name-venv"; break; fi
    done
  fi
  find_python >/dev/null || die "没有 Python ≥ 3.11（带 venv），软件源里也没有，请自行安装。"
}

venv() { # everything locked, or with `runtime` only what the app itself needs
  local mark stamp
  mark=$(cat requirements.txt pyproject.toml | sha256sum | cut -c1-16)
  stamp=.venv/.installed-$mark${1:+-$1}
  [ -e "$stamp" ] && .venv/bin/python -c '' 2>/dev/null && return 0
  python
  if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    say "正在建立 Python 环境 .venv…"
    rm -rf .venv
    "$(find_python)" -m venv .venv
  fi
  say "正在安装依赖（首次需要几分钟）…"
  local quiet=(--quiet --disable-pip-version-check --no-input)
  if [ "${1:-}" = runtime ]; then
    .venv/bin/python -m pip install "${quiet[@]}" --constraint requirements.txt --editable .
  else
    .venv/bin/python -m pip install "${quiet[@]}" --requirement requirements.txt
    .venv/bin/python -m pip install "${quiet[@]}" --no-deps --editable .
  fi
  rm -f .venv/.installed-*
  : >"$stamp"
}

# --- what maps, reports and tests are drawn with ---------------------------------------------------------------------------------------

has_fonts() { [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name 'NotoSansCJK*' -print -quit 2>/dev/null)" ]; }

fonts() { # maps and reports are set in it
  has_fonts && return 0
  apt_update fonts-noto-cjk
  install "没有中文字体" fonts-noto-cjk
}

browser() {
  local missing=()
  [ -x /usr/bin/chromium ] || missing+=(chromium)
  has_fonts || missing+=(fonts-noto-cjk)
  command -v pdftoppm >/dev/null || missing+=(poppler-utils)
  # reads the Word, PowerPoint and Excel files back as an office program does
  command -v soffice >/dev/null || missing+=(libreoffice-{writer,impress,calc}-nogui)
  [[ $(/sbin/ldconfig -p) == *libatomic.so.1* ]] || missing+=(libatomic1) # Playwright's driver is linked with it
  [ ${#missing[@]} -eq 0 ] && return 0
  apt_update "${missing[*]}"
  install "测试需要浏览器、中文字体、PDF 工具和办公软件" "${missing[@]}"
}

# --- clean ---------------------------------------------------------------------------------------

clean() {
  local base
  if [ "${1:-}" = data ] && [ -d var ]; then
    base=$(cat var/pg.location 2>/dev/null || true)
    if [ -n "$base" ] && [ -f "$base/checkout" ]; then rm -rf -- "$base"; fi
    rm -rf var
    say "数据已删除。"
  fi
  rm -rf .venv build ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis node_modules
  find . -name __pycache__ -type d -prune -exec rm -rf {} +
}

case "${1:-}" in
  python | database | postgis | fonts | browser | venv | clean) "$@" ;;
  *) sed -n '2,3p' "$0" >&2; exit 2 ;;
esac
