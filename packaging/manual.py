"""Manual pages out of what the programs say of themselves, so that a page cannot know less than its program.

`ambitd` and `ambitctl` print their whole command tree as JSON (swift-argument-parser's --experimental-dump-help), `ztunnel`
and `waypoint` their usage texts; `manual.toml` beside this file adds what a command line does not say: files, signals, neighbours.
"""

import json
import pathlib
import subprocess
import time
import tomllib

EXTRA = tomllib.loads((pathlib.Path(__file__).resolve().parent / "manual.toml").read_text())


def page(program, section, version, epoch):
    """The manual page of a program, as roff source."""
    extra = EXTRA[program.name]
    day = time.strftime("%Y-%m-%d", time.gmtime(epoch))
    lines = [f'.TH {program.name.upper()} {section} "{day}" "Ambit {version}"', ".SH NAME", f"{program.name} \\- {escape(extra['name'])}"]
    if "usage" in extra:
        text = run(program, *extra["usage"])
        lines += [".SH SYNOPSIS", *literal(text.split("\n\n")[0].removeprefix("usage: "))]
        lines += [".SH DESCRIPTION", *paragraphs(extra["description"]), *literal(text.split("\n\n", 1)[1])]
    else:
        command = json.loads(run(program, "--experimental-dump-help"))["command"]
        lines += [".SH SYNOPSIS", f".B {program.name}", ".I command", "[options]"]
        lines += [".SH DESCRIPTION", *paragraphs(extra["description"]), ".SH COMMANDS"]
        for each in command.get("subcommands", []):
            lines += commands(each, [program.name])
    for title, text in extra.get("sections", {}).items():
        lines += [f".SH {title.upper()}", *paragraphs(text)]
    lines += [".SH SEE ALSO", ",\n".join(f".BR {name} ({number})" for name, number in extra["see"]).replace(",\n", " ,\n")]
    return "\n".join(lines) + "\n"


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout


def commands(command, above):
    """A command and the commands below it."""
    path = [*above, command["commandName"]]
    if path[1] == "help":
        return []
    lines = [f'.SS "{escape(" ".join(path[1:]))}"', *paragraphs(command.get("abstract", ""))]
    lines += literal(command["discussion"]) if command.get("discussion") else []
    for argument in command.get("arguments", []):
        if argument.get("shouldDisplay", True) and argument.get("valueName") not in ("help", "version"):
            lines += [".TP", f"\\fB{escape(form(argument))}\\fR", escape(argument.get("abstract") or "") + default(argument)]
    for each in command.get("subcommands", []):
        lines += commands(each, path)
    return lines


def form(argument):
    """An argument as it is typed."""
    if argument["kind"] == "positional":
        return argument["valueName"].upper() + (" ..." if argument["isRepeating"] else "")
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument["names"]]
    return ", ".join(names) + (f" {argument['valueName'].upper()}" if argument["kind"] == "option" else "")


def default(argument):
    value = argument.get("defaultValue")
    return f" (default: {escape(value)})" if value else ""


def paragraphs(text):
    return [line for block in text.strip().split("\n\n") for line in (".PP", escape(" ".join(block.split())))] if text else []


def literal(text):
    return [".PP", ".nf", *(escape(line) for line in text.rstrip().splitlines()), ".fi"]


def escape(text):
    """Text that roff prints as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text
