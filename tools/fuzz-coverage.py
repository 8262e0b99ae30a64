#!/usr/bin/env python3
"""How much of the files that it is about each fuzz target reaches with its inputs: those of
tests/fuzz/corpus, and what runs of the fuzzers have found. Those files are named in the second
comment of a target: folders and patterns inside src; a minus takes some out again.
   tools/fuzz-coverage.py build/fuzz-cover build/fuzz/corpus
Needs a FuzzCover build. Line by line: build/fuzz-cover/report/index.html"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ("lines", "regions", "branches")
ABOUT = re.compile(r"^/\* about: ([^/].*?) \*/$", re.M | re.S)


def tool(name):
    """Under its own name, or in the folder of a version, newest first."""
    found = shutil.which(name)
    versions = sorted(pathlib.Path("/usr/lib").glob(f"llvm-*/bin/{name}"),
                      key=lambda path: int(path.parts[3].removeprefix("llvm-")))
    if not found and not versions:
        sys.exit(f"{name} is not installed: tools/install-packages.sh fuzz")
    return found or str(versions[-1])


def run(*command, **more):
    """What the command prints; its failure is ours."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def files_about(source):
    """The patterns, and the files that they mean."""
    match = ABOUT.search(source.read_text(encoding="utf-8"))
    if not match:
        sys.exit(f"{source}: no comment says what files it is about")
    patterns = match.group(1).replace("\n *", "").split()
    files = set()
    for pattern in patterns:
        matching = {str(path.relative_to(ROOT)) for path in (ROOT / "src").glob(re.sub("/$", "/*.c", pattern.removeprefix("-")))}
        if not matching:
            sys.exit(f"{source}: there is no {pattern} in src")
        files = files - matching if pattern.startswith("-") else files | matching
    return " ".join(patterns), files


def sums(objects, profile, files):
    """{kind: (covered, all)} over the files."""
    options = [word for one in objects[1:] for word in ("-object", one)]
    text = run(tool("llvm-cov"), "export", "-summary-only", f"-instr-profile={profile}", objects[0], *options)
    found = {os.path.relpath(os.path.realpath(one["filename"]), ROOT): one["summary"]
             for one in json.loads(text)["data"][0]["files"]}
    if files - found.keys():
        sys.exit(f"nothing was counted in {', '.join(sorted(files - found.keys()))}")
    return {kind: tuple(sum(found[name][kind][what] for name in files) for what in ("covered", "count"))
            for kind in KINDS}


def row(name, inputs, counts, about):
    cells = [f"{100 * covered / count if count else 100:5.1f} %" for covered, count in counts.values()]
    lines = counts["lines"][1]
    return f"| {name:<15} | {inputs:>6} | {lines:>6} | {' | '.join(cells)} | {about} |"


def main(build, found):
    profiles = build / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    profiles.mkdir()
    print(f"| {'target':<15} | inputs |  lines |    run  | regions | branches | about, in src |")
    print("|---|--:|--:|--:|--:|--:|---|")
    objects, everything, inputs_in_all = [], set(), 0
    for source in sorted((ROOT / "tests/fuzz").glob("*_fuzz.c")):
        name = source.stem.removesuffix("_fuzz")
        about, files = files_about(source)
        program, raw, profile = build / "tests/fuzz" / source.stem, profiles / f"{name}.raw", profiles / f"{name}.data"
        folders = [path for path in (ROOT / "tests/fuzz/corpus" / name, found / name) if path.is_dir()]
        text = run(program, *folders, env={**os.environ, "LLVM_PROFILE_FILE": str(raw)})
        inputs = int(re.search(r"^(\d+) inputs replayed$", text, re.M).group(1))
        run(tool("llvm-profdata"), "merge", "-sparse", raw, "-o", profile)
        print(row(name, inputs, sums([program], profile, files), f"`{about}`"), flush=True)
        objects.append(program)
        everything |= files
        inputs_in_all += inputs
    merged = profiles / "all.data"
    run(tool("llvm-profdata"), "merge", "-sparse", *sorted(profiles.glob("*.raw")), "-o", merged)
    print(row("all together", inputs_in_all, sums(objects, merged, everything), f"{len(everything)} files"))
    options = [word for one in objects[1:] for word in ("-object", one)]
    run(tool("llvm-cov"), "show", "-format=html", f"-output-dir={build / 'report'}", f"-instr-profile={merged}",
        "-ignore-filename-regex=/tests/", objects[0], *options)


main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
