"""What an ABI was is never rewritten: the kept headers and tables are those of their release, to the byte.

A published minor gets its line here with the commit that keeps it, and no line ever changes.
"""

import hashlib

KEPT = {
    "sdk/abi/1.0/plugin.h": "8a71ffef04658657a12225979ddff53e72fc971f09e76c03bfdd65b7df918ad7",
    "sdk/abi/1.0/layout.inc": "557bca0cff08029a15f69a0d16a1a6e046d36bd68ce6edc649399e8822a2e950",
}


def check(tree, kept=None):
    kept = KEPT if kept is None else kept
    for file, digest in kept.items():
        if file not in tree.files:
            yield f"{file}: is gone; plugins built from it are still run"
        elif hashlib.sha256((tree.root / file).read_bytes()).hexdigest() != digest:
            yield f"{file}: was changed; put it back, and keep what is new as a minor of its own in sdk/abi"
    for file in tree.files:
        if file.startswith("sdk/abi/") and file not in kept:
            yield f"{file}: has no line in tests/lint/checks/abi.py, so nobody would see it change"
