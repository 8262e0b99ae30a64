#!/usr/bin/env python3
"""Holds every #include of src/ against tools/layers.txt: which folder may use which, and which
third-party headers it may see. Prints each break of the rules and exits with 1."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
# The C library and POSIX, which every folder may use.
SYSTEM = re.compile(r"^(assert|complex|malloc|ctype|errno|fcntl|float|inttypes|limits|math|pthread|poll|"
                    r"setjmp|signal|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|"
                    r"stdnoreturn|string|strings|time|unistd|dirent|getopt|emmintrin|immintrin|"
                    r"sys/[a-z]+|netinet/[a-z]+|arpa/inet|netdb|sched)\.h$")


def read_rules():
    rules = {}
    for line in (ROOT / "tools/layers.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            folder, rest = line.split(":", 1)
            uses, _, headers = rest.partition(" /")
            rules[folder.strip()] = (uses.split(), headers.split())
    return rules


def folder_of(path, rules):
    """The longest folder in the rules that the path lies in."""
    parts = path.split("/")[:-1]
    while parts:
        if "/".join(parts) in rules:
            return "/".join(parts)
        parts.pop()
    return None


def main():
    rules = read_rules()
    problems = []
    files = sorted((ROOT / "src").rglob("*.[ch]"))
    for file in files:
        name = file.relative_to(ROOT / "src").as_posix()
        folder = folder_of(name, rules)
        if folder is None:
            problems.append(f"src/{name}: its folder is not in tools/layers.txt")
            continue
        uses, headers = rules[folder]
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            kind, included = match.groups()
            if kind == '"':
                target = folder_of(included, rules)
                if target is None:
                    problems.append(f"src/{name}:{number}: \"{included}\" is in no layer; "
                                    "includes are written from src/ on")
                elif target != folder and target not in uses and uses != ["*"]:
                    problems.append(f"src/{name}:{number}: {folder} may not use {target} ({included})")
            elif not SYSTEM.match(included):
                if not any(included == h or (h.endswith("/") and included.startswith(h)) for h in headers):
                    problems.append(f"src/{name}:{number}: {folder} may not include <{included}>")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"layers: {len(files)} files checked, {len(problems)} problems")
    return 1 if problems or not files else 0


sys.exit(main())
