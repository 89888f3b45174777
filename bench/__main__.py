"""`python -m bench`: every benchmark, one after another, over the data that are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DATA = Path("../shared/data")
PUBLISHED = {
    "mtu": ("mtu-supply-factory/*.xlsx",),
    "cflp": ("cflp-orlib/cap*.txt",),
    "sscflp": ("sscflp/Lib_*/p*",),
    "gap": ("gap/data/chu1997/*", "gap/data/yagiura2004/*"),
    "clsp": ("clsp-trigeiro/FG/G*.DAT",),
    "mpclsp": ("mpclsp/*/*.dat",),
    "frepple": ("frepple-peer/instance_*.json.gz",),
}


def main() -> int:
    """Run them; 1 if one failed, with the rest still run."""
    failed = 0
    for command in commands():
        print(f"\n$ python -m {' '.join(command)}", flush=True)
        failed += subprocess.run([sys.executable, "-m", *command], check=False).returncode != 0
    return 1 if failed else 0


def commands() -> list[list[str]]:
    """Return the benchmarks to run, and say which are left out for want of data."""
    found = []
    for kind, patterns in PUBLISHED.items():
        files = sorted(str(file) for pattern in patterns for file in DATA.glob(pattern))
        if files:
            found.append(["bench.published", kind, *files])
        else:
            print(f"left out: bench.published {kind}: no file {' or '.join(patterns)} in {DATA}")
    if (DATA / "brunel-supply-chain").is_dir():
        found.append(["bench.brunel"])
    else:
        print(f"left out: bench.brunel: no folder {DATA / 'brunel-supply-chain'}")
    return [*found, ["bench.scale", "2000"], ["bench.scale", "20000"], ["bench.reoptimise", "20000"]]


if __name__ == "__main__":
    raise SystemExit(main())
