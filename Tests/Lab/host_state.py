"""What a host is like: packet filter, routes, files, units. Two of these are compared to see what was left behind."""

import hashlib
import os
import pathlib
import stat

# What any host writes by itself, and the databases of the package tools.
VOLATILE = (
    "etc/.pwd.lock", "etc/group-", "etc/gshadow-", "etc/machine-id", "etc/passwd-", "etc/shadow-", "etc/subgid-", "etc/subuid-", "root",
    "tmp", "var/cache", "var/lib/PackageKit", "var/lib/apt", "var/lib/dpkg", "var/lib/systemd/catalog", "var/lib/systemd/random-seed", "var/lib/systemd/timers",
    "var/log", "var/tmp",
)


def host_state(host):
    """Lists of lines by topic. The lab's own files are not counted."""
    return {
        "the packet filter": host.shell("nft list ruleset").splitlines(),
        "the routing policy": (host.shell("ip rule; ip -6 rule")).splitlines(),
        "the routes": sorted(host.shell("ip route show table all; ip -6 route show table all").splitlines()),
        "the file system": changed_files(host),
        "/run": host.shell("find /run -iname '*ambit*' -not -path '/run/udev/*' -not -path '/run/credentials/*' | sort").splitlines(),
        # Without slices: an application that still runs in the one it had while it was enrolled keeps it until it is restarted.
        "the list of units": host.shell("systemctl list-units --all --plain --no-legend 'ambit*' | grep -v '[.]slice ' || true").splitlines(),
        "the list of packages": host.shell("dpkg-query -W -f '${Package} ${Status}\\n' 'ambit*' 2>/dev/null || true").splitlines(),
    }


def changed_files(host):
    """What differs from the machine that the host is a copy of, one line a file."""
    changed = []
    for folder, folders, files in os.walk(host.upper):
        inside = pathlib.Path(folder).relative_to(host.upper)
        folders[:] = [name for name in folders if not is_volatile(str(inside / name)) and str(inside / name) not in host.own_files]
        for name in [*folders, *files]:
            path = str(inside / name)
            if not is_volatile(path) and path not in host.own_files:
                line = f"/{path} {description(host.root / path)}"
                if line != f"/{path} {description(pathlib.Path('/') / path)}":
                    changed.append(line)
    return sorted(changed)


def is_volatile(path):
    return any(path == each or path.startswith(each + "/") for each in VOLATILE)


def description(file):
    """Type, mode, owner and content of a file."""
    try:
        facts = file.lstat()
    except FileNotFoundError:
        return "absent"
    text = f"{stat.filemode(facts.st_mode)} {facts.st_uid}:{facts.st_gid}"
    if stat.S_ISLNK(facts.st_mode):
        return f"{text} -> {os.readlink(file)}"
    if stat.S_ISREG(facts.st_mode):
        return f"{text} {hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"
    return text


def difference(before, after):
    """What is only in one of two lists, for the person who has to find out; empty where they are equal."""
    gone = [f"-{line}" for line in before if line not in after]
    new = [f"+{line}" for line in after if line not in before]
    return "; ".join([*new, *gone][:6])
