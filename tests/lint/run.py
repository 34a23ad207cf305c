#!/usr/bin/env python3
"""Runs one rule of checks/ over the tree: exit 0 where it holds, 1 with one line a violation where not."""

import argparse
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from tree import Tree  # noqa: E402  (the path above makes it importable from anywhere)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rule", help="a module of tests/lint/checks")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--build", type=Path, help="a configured build directory")
    args = parser.parse_args()
    tree = Tree(args.root.resolve(), args.build)
    rule = importlib.import_module(f"checks.{args.rule}")
    found = sorted(set(rule.check(tree)))
    for advice in rule.advise(tree) if hasattr(rule, "advise") else ():
        print(f"advice: {advice}")
    for violation in found:
        print(violation)
    print(f"{args.rule}: {len(tree.files)} files, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
