#!/usr/bin/env python3
"""The repository lints itself: each rule here is a past or likely mistake, and its message says
what to do instead. Prints every finding and exits with 1."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# (pattern, files it is about, what to do)
LINE_RULES = [
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(", r"\.[ch]$",
     "unbounded or stateful C string function: use slices, buf or snprintf"),
    (r"\b(atoi|atol|atof)\s*\(", r"\.[ch]$", "cannot report errors: parse with checks"),
    (r"\bassert\s*\(", r"^src/.*\.[ch]$", "compiled out in some builds: use CHECK (base/check.h)"),
    (r"\b(rand|random|srand)\s*\(\)", r"^src/.*\.[ch]$", "use base/rand.h"),
    (r"\b(localtime|gmtime)\s*\(", r"^src/.*\.[ch]$", "not thread-safe: use the _r form"),
    (r"\b(TODO|FIXME|XXX|HACK)\b", r"\.(c|h|mjs|py|sh|txt|cmake)$", "finish it, or describe it in the docs"),
    (r"[ \t]+$", r"\.(c|h|mjs|py|sh|md|txt|cmake)$", "trailing white space"),
    (r"\t", r"\.(c|h|mjs|py|md)$", "tab: indent with spaces"),
]
FILE_LINES_MAX = 900
HEADER_GUARD = re.compile(r"^#ifndef (HASHRANGE_[A-Z0-9_]+)\n#define \1\n", re.M)
ROOMY_NAMES = re.compile(r"(^|/)(util|utils|helper|helpers|common|misc)(\.|/|_|$)")


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                         capture_output=True, text=True).stdout
    return [line for line in out.splitlines() if (ROOT / line).is_file()]


def main():
    problems = []
    files = [f for f in tracked() if "/corpus/" not in f and f != "tools/check-tree.py"]
    for name in files:
        if ROOMY_NAMES.search(name):
            problems.append(f"{name}: name it for what it does")
        if not re.search(r"\.(c|h|mjs|py|sh|md|txt|cmake|def)$|Makefile$", name):
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        lines = text.splitlines()
        if text and not text.endswith("\n"):
            problems.append(f"{name}: no newline at the end")
        for pattern, about, advice in LINE_RULES:
            if re.search(about, name):
                for number, line in enumerate(lines, 1):
                    if re.search(pattern, line):
                        problems.append(f"{name}:{number}: {advice}")
        if re.match(r"src/.*\.[ch]$", name) and len(lines) > FILE_LINES_MAX:
            problems.append(f"{name}: {len(lines)} lines; is there one idea in it?")
        if re.match(r"src/.*\.h$", name):
            guard = "HASHRANGE_" + re.sub(r"[/.]", "_", name[len("src/"):]).upper()
            match = HEADER_GUARD.search(text)
            if not match or match.group(1) != guard:
                problems.append(f"{name}: the include guard must be {guard}")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"tree: {len(files)} files checked, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
