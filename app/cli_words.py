"""The command line's own words in Chinese: help pages, and what is wrong with a command as it was typed."""

from __future__ import annotations

import re
from typing import Any

# (what the library writes, what a person reads), in this order
HELP = (
    (r"^Usage: ", "用法："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]…"),
    (r"^Options:$", "选项："),
    (r"^Arguments:$", "参数："),
    (r"^Commands:$", "命令："),
    (r"Show this message and exit\.$", "显示这段说明。"),
    (r"\[required\]", "[必填]"),
    (r"; required\]", "；必填]"),
    (r"\[default:(\s)", r"[默认\1"),
    (r"<list\[str\]>", "<文字，可多次>"),
    (r"<list\[path\]>", "<文件，可多次>"),
    (r"<str>", "<文字>"),
    (r"<int>", "<整数>"),
    (r"<float>", "<数字>"),
    (r"<path>", "<文件>"),
    (r"<bool>", "<是否>"),
    (r"x>=(\d+)", r"至少 \1"),
    (r"(\d+)<=x<=(\d+)", r"\1 到 \2"),
)
FAULTS = (
    (r"Missing argument '?([^'\s]+?)'?\.", "缺少参数 {0}。"),
    (r"Missing option '?([^']+?)'?\.", "缺少选项 {0}。"),
    (r"Missing command\.", "还要写出一个命令。"),
    (r"No such command '([^']*)'\.?(?: Did you mean (.+?)\?)?", "没有 {0} 这个命令。{1}"),
    (r"No such option: (\S+)(?: \(Possible options: (.+)\))?(?: Did you mean (\S+)\?)?", "没有 {0} 这个选项。{1}"),
    (r"Got unexpected extra arguments? ?\(?s?\)? ?\((.+)\)", "多出了：{0}。"),
    (r"Option '([^']+)' requires an? argument.*", "{0} 后面要写一个值。"),
    (r"Option '([^']+)' requires (\d+) arguments.*", "{0} 后面要写 {1} 个值。"),
    (r"Option '([^']+)' does not take a value.*", "{0} 后面不写值。"),
    (r"Invalid value for '?([^':]+)'?: .*(?:valid integer|as an integer).*", "{0} 应为整数。"),
    (r"Invalid value for '?([^':]+)'?: .*(?:valid number|as a number).*", "{0} 应为数字。"),
    (r"Invalid value for '?([^':]+)'?: .*greater than or equal to ([\d.]+).*", "{0} 至少为 {1}。"),
    (r"Invalid value for '?([^':]+)'?: .*less than or equal to ([\d.]+).*", "{0} 至多为 {1}。"),
    (r"Invalid value for '?([^':]+)'?: .*does not exist.*", "{0} 指的文件不存在。"),
    (r"Invalid value for '?([^':]+)'?: .*", "{0} 的值不能用。"),
)


def in_chinese(text: str) -> str:
    """Return a help page with the library's words in Chinese."""
    for found, wanted in HELP:
        text = re.sub(found, wanted, text, flags=re.MULTILINE)
    return text


def fault(error: Any) -> tuple[str, str]:
    """Return the sentence and the cure for a command that was typed wrongly."""
    message = error.format_message().strip()
    said = "命令写得不对。"
    for found, wanted in FAULTS:
        match = re.fullmatch(found, message, re.DOTALL)
        if match:
            name, *like = (
                (x.replace("'", "").replace(", ", "、") for x in match.groups() if x) if match.groups() else [""]
            )
            more = f"相近的有 {like[0]}。" if like and wanted.startswith("没有") else "".join(like[:1])
            said = wanted.format(name, more)
            break
    ctx = getattr(error, "ctx", None)
    return said, f"写法见 {ctx.command_path if ctx is not None else 'yuantu'} --help。"


def speak(command: Any) -> Any:
    """Let a command and all commands below it write their help in Chinese; return it."""
    plain = command.get_help
    command.get_help = lambda ctx: in_chinese(plain(ctx))
    for below in getattr(command, "commands", {}).values():
        speak(below)
    return command
