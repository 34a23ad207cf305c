"""The tree as the lints see it: which files there are, their text, and the rooms as CMake declares them.

Reads only; what is right or wrong is for the modules in checks/.
"""

import re
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

# Bad on purpose: the samples that show the lints and the configure-time checks at work.
SAMPLES = "tests/lint/samples/"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
ROOM = re.compile(r"tocsin_room\(\s*(\w+)(.*?)\)", re.DOTALL)


@dataclass
class Room:
    name: str
    floor: int
    rooms: list[str] = field(default_factory=list)


class Tree:
    def __init__(self, root: Path, build: Path | None = None):
        self.root = root
        self.build = build

    @cached_property
    def files(self) -> list[str]:
        """Every file that is, or would be, under version control; without a repository, every file."""
        try:
            listed = subprocess.run(
                ["git", "-c", f"safe.directory={self.root}", "ls-files", "-z", "--cached", "--others",
                 "--exclude-standard", "--deduplicate"],
                cwd=self.root, check=True, capture_output=True, text=True).stdout.split("\0")
        except (OSError, subprocess.CalledProcessError):
            listed = [str(p.relative_to(self.root)) for p in self.root.rglob("*") if ".git" not in p.parts]
        return sorted(f for f in listed if f and (self.root / f).is_file())

    def matching(self, *suffixes: str, under: tuple[str, ...] = ("",)) -> list[str]:
        return [f for f in self.files
                if f.endswith(suffixes) and f.startswith(under) and not f.startswith(SAMPLES)]

    def cpp(self, *under: str) -> list[str]:
        return self.matching(".cpp", ".hpp", ".c", ".h", under=under or ("",))

    def text(self, file: str) -> str:
        return (self.root / file).read_text(encoding="utf-8", errors="replace")

    def includes(self, file: str):
        """(line, header) of every include, angled or quoted."""
        text = self.text(file)
        for match in INCLUDE.finditer(text):
            yield text.count("\n", 0, match.start(2)) + 1, match.group(2)

    @cached_property
    def rooms(self) -> dict[str, Room]:
        rooms = {}
        for file in self.files:
            if re.fullmatch(r"host/\w+/CMakeLists\.txt", file):
                for match in ROOM.finditer(strip_comments(self.text(file))):
                    rooms[match.group(1)] = self._room(match.group(1), match.group(2).split())
        return rooms

    @staticmethod
    def _room(name: str, words: list[str]) -> Room:
        room = Room(name, -1)
        keyword = ""
        for word in words:
            if word.isupper():
                keyword = word
            elif keyword == "FLOOR":
                room.floor = int(word)
            elif keyword == "ROOMS":
                room.rooms.append(word)
        return room

    def seen_by(self, name: str) -> set[str]:
        """The rooms whose headers a room may include: itself and what it links, through any number of edges."""
        seen, todo = set(), [name]
        while todo:
            room = todo.pop()
            if room in seen or room not in self.rooms:
                continue
            seen.add(room)
            todo += self.rooms[room].rooms
        return seen


def strip_comments(cmake: str) -> str:
    return re.sub(r"#.*", "", cmake)
