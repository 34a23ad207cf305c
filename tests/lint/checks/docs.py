"""Every path a document names exists, every shell block says whether it is run, every library is accounted for."""

import re

from . import packages

# `a/b.c`, `dir/` or `FILE.md` in backquotes, or a relative link.
QUOTED = re.compile(r"`([^`\s]+)`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PATH = re.compile(r"(\.ci|host|sdk|plugins|examples|tests|config|docs)(/[\w.*+-]+)*/?|[A-Z]+\.md|CMakeLists\.txt|CMakePresets\.json")
DOCUMENT = re.compile(r"\bdocs/[\w/-]+\.md\b")
FENCE = re.compile(r"^```(\S*)[ ]*(.*)$", re.MULTILINE)
# What becomes of a shell block, by its second word; run_doc_commands.py carries out `run`.
SHELL_MARKS = {"run", "ci", "example", "walk"}
# Code is shown out of a file that is compiled, whose path is the block's second word.
CODE = {"c", "cpp", "cmake"}


def check(tree):
    for file in tree.matching(".md"):
        yield from check_paths(tree, file)
        yield from check_fences(tree, file)
    for file in tree.matching(".cpp", ".hpp", ".h", ".c", ".toml", ".cmake", "CMakeLists.txt"):
        for match in DOCUMENT.finditer(tree.text(file)):
            if match.group(0) not in tree.files:
                yield f"{file}: names {match.group(0)}, which does not exist"
    index = "docs/decisions/README.md"
    for file in tree.matching(".md", under=("docs/decisions/",)):
        if file != index and f"]({file.rsplit('/', 1)[1]})" not in tree.text(index):
            yield f"{index}: does not list {file}"
    yield from packages.check(tree)


def check_paths(tree, file):
    text = re.sub(r"^```.*?^```", lambda m: "\n" * m.group(0).count("\n"), tree.text(file), flags=re.M | re.S)
    folder = (tree.root / file).parent
    for match in QUOTED.finditer(text):
        name = match.group(1)
        if PATH.fullmatch(name) and not any(tree.root.glob(name.rstrip("/"))):
            yield f"{file}:{line_of(text, match)}: `{name}` does not exist"
    for match in LINK.finditer(text):
        if not (folder / match.group(1)).exists():
            yield f"{file}:{line_of(text, match)}: the link to {match.group(1)} leads nowhere"


def check_fences(tree, file):
    text = tree.text(file)
    opening = True
    for match in FENCE.finditer(text):
        language, mark = match.group(1), match.group(2).strip()
        if opening and language in ("", "bash", "shell", "console"):
            yield f"{file}:{line_of(text, match)}: a fenced block needs its language; shell is `sh`"
        elif opening and language == "sh" and mark not in SHELL_MARKS:
            yield (f"{file}:{line_of(text, match)}: a shell block is `sh run` (run by the tests), `sh ci` (its lines "
                   f"stand in .ci/run) or `sh example` (has placeholders)")
        elif opening and language in CODE:
            yield from check_code_block(tree, file, line_of(text, match), mark, text[match.end():].split("```", 1)[0])
        elif opening and mark == "ci":
            yield from check_ci_block(tree, file, text[match.end():].split("```", 1)[0])
        opening = not opening


def check_code_block(tree, file, line, source, block):
    if source not in tree.files:
        yield f"{file}:{line}: a code block names the compiled file it stands in, as in ```cpp sdk/template/cpp/acme.cpp"
    elif block.strip("\n") not in tree.text(source):
        yield f"{file}:{line}: this code does not stand in {source}; copy it anew"


def check_ci_block(tree, file, block):
    script = tree.text(".ci/run") if ".ci/run" in tree.files else ""
    for line in filter(None, (line.split("#")[0].strip() for line in block.splitlines())):
        if not any(command.startswith(line) for command in script.splitlines()):
            yield f"{file}: `{line}` is marked as run by CI, but .ci/run has no such line"


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1
