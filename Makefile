# Everything starts here: `make run` and `make test` work on a bare Debian or Ubuntu, nothing else typed.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
# a file's tests stay in one worker, so that its server and browser are started once
PYTEST_ARGS ?= -n 2 --dist loadfile

.PHONY: help run test lint format bench lock checksums clean system system-web system-test venv docker

help: ## 列出全部命令
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: venv ## 安装缺少的部分，准备数据库和数据，打开 http://127.0.0.1:8050
	@docker/machine.sh database
	@docker/machine.sh fonts
	@$(BIN)/yuantu up && exec $(BIN)/yuantu serve

test: system-test venv ## 全部测试（自带数据库和浏览器）
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: venv ## 代码检查，与 CI 相同
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python docker/lock.py --check
	@$(BIN)/python docker/checksums.py --check
	@if [ -f app/map/bundle.py ]; then $(BIN)/python -m app.map.bundle --check; fi
	@if [ -d app/map/node_modules ]; then npm --prefix app/map --silent test >/dev/null; fi

format: venv ## 自动整理代码
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: system-test venv ## 性能对照表
	@$(BIN)/python -m bench.run

lock: venv ## 按 pyproject.toml 重新锁定 requirements.txt（UPGRADE=1 一并升级）
	@$(BIN)/python docker/lock.py --write $(if $(UPGRADE),--upgrade)

checksums: venv ## 随附数据改过之后，把新的校验值写进各 source.toml
	@$(BIN)/python docker/checksums.py --write

system: system-web ## 安装运行需要的系统软件包（已有的不动）
	@docker/machine.sh database

system-web: ## 同上，但不含数据库（容器镜像用）
	@docker/machine.sh python
	@docker/machine.sh fonts

system-test: ## 安装测试需要的系统软件包（已有的不动）
	@docker/machine.sh python
	@docker/machine.sh postgis
	@docker/machine.sh browser

venv: ## 建立 .venv，安装锁定的依赖（RUNTIME=1 不含开发工具）
	@docker/machine.sh venv $(if $(RUNTIME),runtime)

docker: ## 构建容器镜像
	@docker compose -f docker/compose.yml build

clean: ## 停止数据库，删除环境和缓存；数据留在 var/（DATA=1 连数据一起删）
	@if [ -x $(BIN)/yuantu ]; then $(BIN)/yuantu down || true; fi
	@docker/machine.sh clean $(if $(DATA),data)
