#!/usr/bin/env python3
"""Line and branch coverage of src, per folder and in total, from gcovr's JSON summary.
   tools/coverage.py summary.json 90      exits with 1 when fewer lines (percent) are covered"""

import collections
import json
import pathlib
import sys

KINDS = ("line", "branch")


def percent(covered, total):
    return 100.0 * covered / total if total else 100.0


def row(name, counts):
    cells = [f"{name:<16}"]
    for kind in KINDS:
        covered, total = counts[kind, "covered"], counts[kind, "total"]
        cells.append(f"{covered:>6} of {total:>6}  {percent(covered, total):5.1f} %")
    return "   ".join(cells)


def main(summary_path, lines_min):
    summary = json.loads(pathlib.Path(summary_path).read_text(encoding="utf-8"))
    folders = collections.defaultdict(collections.Counter)
    whole = collections.Counter()
    for file in summary["files"]:
        folder = pathlib.PurePosixPath(file["filename"]).parent.as_posix()
        for kind in KINDS:
            for count in ("covered", "total"):
                number = file[f"{kind}_{count}"]
                folders[folder][kind, count] += number
                whole[kind, count] += number

    print(f"{'folder':<16}   {'lines':>24}   {'branches':>24}")
    for folder in sorted(folders):
        print(row(folder, folders[folder]))
    print(row("in total", whole))
    if not whole["line", "total"]:
        print("no file of src was counted", file=sys.stderr)
        return 1
    covered = percent(whole["line", "covered"], whole["line", "total"])
    if covered < lines_min:
        print(f"{covered:.1f} % of the lines ran; at least {lines_min:g} % have to", file=sys.stderr)
        return 1
    return 0


sys.exit(main(sys.argv[1], float(sys.argv[2])))
