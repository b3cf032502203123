#!/usr/bin/env python3
"""What `systemd-run` does with the command of a probe, in small: for tests where systemd is not the init.

Copied as `systemd-run` into a folder of its PATH. It takes the words that ztunnel gives and no others: a word that it does
not know ends it with an error, so a test notices. It enters the network namespace, runs the command as a user without
capabilities, in a clean environment, kills it when its time is over, and ends as systemd-run does. `calls`, next to it, has
a line of JSON for each run.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys

FLAGS = {"--quiet", "--collect", "--wait", "--pipe", "--service-type=exec"}
# What each run must be given, and what it may be.
FIXED = {
    "KillSignal": "SIGKILL", "CapabilityBoundingSet": "", "NoNewPrivileges": "yes", "UMask": "0077", "ProtectSystem": "strict",
    "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "ProtectKernelTunables": "yes", "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "LimitCORE": "0", "OOMScoreAdjust": "500", "LogLevelMax": "err",
}
NUMBERS = {"RuntimeMaxSec", "TimeoutStopSec", "TasksMax", "MemoryMax"}
OTHERS = {"Slice", "DynamicUser", "User", "NetworkNamespacePath", "InaccessiblePaths"}


def main(words):
    end = words.index("--")
    options, command = words[:end], words[end + 1:]
    properties, names = {}, {}
    for option in options:
        name, _, value = option.removeprefix("--").partition("=")
        if name == "property":
            key, _, value = value.partition("=")
            properties.setdefault(key, []).append(value)
        elif name in ("unit", "description"):
            names[name] = value
        elif option not in FLAGS:
            sys.exit(f"systemd-run (test): {option}?")
    if FLAGS - set(options) or set(names) != {"unit", "description"}:
        sys.exit(f"systemd-run (test): words are missing in {options}")
    for key, value in FIXED.items():
        if properties.pop(key, None) != [value]:
            sys.exit(f"systemd-run (test): {key} is not {value}")
    unknown = set(properties) - NUMBERS - OTHERS
    if unknown or not NUMBERS <= set(properties) or not all(properties[key][0].isdigit() for key in NUMBERS):
        sys.exit(f"systemd-run (test): unknown {unknown} or numbers missing in {properties}")
    with open(pathlib.Path(__file__).with_name("calls"), "a") as log:
        print(json.dumps({**names, **properties, "command": command}), file=log, flush=True)
    # systemd replaces variables in arguments; here there is none to be replaced.
    if any(re.search(r"(?<!\$)(\$\$)*\$(?!\$)", word) for word in command):
        sys.exit(f"systemd-run (test): a variable in {command}")
    command = [word.replace("$$", "$") for word in command]
    user = properties.get("User", ["nobody"])[0]
    enter = ["nsenter", f"--net={path}"] if (path := properties.get("NetworkNamespacePath", [None])[0]) else []
    process = subprocess.Popen(
        [*enter, "setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all",
         "--no-new-privs", "--", *command],
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}, cwd="/",
        stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        status = process.wait(timeout=int(properties["RuntimeMaxSec"][0]))
    except subprocess.TimeoutExpired:
        status = 1
    # The rest of its control group.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if status < 0:
        # Clean for a service that is not of Type=oneshot.
        return 0 if -status in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE) else 255
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
