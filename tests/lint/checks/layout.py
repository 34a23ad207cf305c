"""The top level is what README says it is, files stay readable in one sitting, and nothing points outside the tree."""

import re
from pathlib import Path

TOP_LEVEL = {
    "CMakeLists.txt", "host", "sdk", "plugins", "examples", "tests", "config", "docs",
    "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "CMakePresets.json", "dev",
}
# suffix -> (lines from which to think of a split, lines that need a reason in long_files.txt)
LIMITS = {".hpp": (150, 220), ".h": (150, 220), ".cpp": (400, 500), ".c": (400, 500), ".py": (300, 400)}
ALLOW_LIST = "tests/lint/long_files.txt"
# What no file may say: places outside the tree, and words that promise work instead of doing it.
FORBIDDEN_WORDS = [
    r"/wor" r"k/", r"\.\./shar" r"ed", r"\.libr" r"ary\b", r"/hom" r"e/\w",
    r"\bTO" r"DO\b", r"\bFIX" r"ME\b", r"\bX" r"XX\b", r"\bHA" r"CK\b", r"not imple" r"mented",
    r"DISAB" r"LED_",
]
TEXT = (".cpp", ".hpp", ".c", ".h", ".py", ".md", ".txt", ".cmake", ".toml", ".json", ".js", ".mjs", ".ts", "dev", "run")


def check(tree):
    for name in sorted({f.split("/")[0] for f in tree.files}):
        if name not in TOP_LEVEL and not name.startswith("."):
            yield f"{name}: the top level is fixed ({', '.join(sorted(TOP_LEVEL))}); find this a room"
    yield from check_lengths(tree)
    for file in tree.files:
        if file.endswith(TEXT) and not file.endswith("package-lock.json"):
            for number, line in enumerate(tree.text(file).splitlines(), 1):
                for word in FORBIDDEN_WORDS:
                    found = re.search(word, line)
                    if found:
                        yield f"{file}:{number}: says '{found.group(0)}'"


def check_lengths(tree):
    allowed = read_allow_list(tree)
    for file in tree.files:
        _, limit = limits_of(file)
        lines = tree.text(file).count("\n") if limit else 0
        if limit and lines > limit and file not in allowed:
            yield f"{file}: {lines} lines (limit {limit}); split it, or give {ALLOW_LIST} the reason it is one idea"
        if file in allowed and lines <= limit:
            yield f"{ALLOW_LIST}: {file} is within the limit now; drop its line"
    for file, reason in allowed.items():
        if file not in tree.files:
            yield f"{ALLOW_LIST}: {file} does not exist"
        elif len(reason.split()) < 3:
            yield f"{ALLOW_LIST}: {file} has no reason"


def limits_of(file):
    """A header of the tests holds cases, not an interface: it is measured as a source."""
    suffix = Path(file).suffix
    return LIMITS.get(".cpp" if file.startswith("tests/") and suffix == ".hpp" else suffix, (0, 0))


def advise(tree):
    """Worth a thought, not an error."""
    for file in tree.files:
        advised, limit = limits_of(file)
        if advised and advised < tree.text(file).count("\n") <= limit:
            yield f"{file}: over {advised} lines; is it still one idea?"


def read_allow_list(tree):
    if ALLOW_LIST not in tree.files:
        return {}
    lines = [line for line in tree.text(ALLOW_LIST).splitlines() if line and not line.startswith("#")]
    return dict((line.split(None, 1) + [""])[:2] for line in lines)
