"""Every library the build looks for is named, with its package, in docs/dependencies.md and config/packages.txt."""

import re

from tree import strip_comments

DOCUMENT = "docs/dependencies.md"
PACKAGES = "config/packages.txt"
FOUND = re.compile(r"\bfind_package\(\s*(\w[\w-]*)|\bfind_path\(\s*(\w+)_INCLUDE_DIR|\bpkg_check_modules\(\s*(\w+)")
OWN = {"tocsin-sdk"}


def check(tree):
    document = tree.text(DOCUMENT) if DOCUMENT in tree.files else ""
    for file in tree.matching("CMakeLists.txt", ".cmake"):
        for match in FOUND.finditer(strip_comments(tree.text(file))):
            name = next(filter(None, match.groups()))
            if name not in OWN and not re.search(rf"`{name}`", document, re.IGNORECASE):
                yield f"{file}: looks for {name}, which {DOCUMENT} does not name"
    if PACKAGES in tree.files:
        for line in tree.text(PACKAGES).splitlines():
            words = line.split()
            if words and not line.startswith("#") and f"`{words[1]}`" not in document:
                yield f"{PACKAGES}: installs {words[1]}, which {DOCUMENT} does not name"
