"""An include may only point down: a room sees itself and the rooms it links, all on lower floors.

CMake refuses an upward link edge; this refuses the include that would not need one (a header-only use).
"""

# Rooms that meet only in the store and in callbacks that app wires, whatever their floors would allow.
STRANGERS = [("delivery", "ingest"), ("routing", "security"), ("store", "routing")]


def check(tree):
    rooms = tree.rooms
    for room in rooms.values():
        for below in room.rooms:
            if below in rooms and rooms[below].floor >= room.floor:
                yield (f"host/{room.name}/CMakeLists.txt: floor {room.floor} links '{below}' "
                       f"on floor {rooms[below].floor}; an edge may only point down")
    for one, other in STRANGERS:
        if other in tree.seen_by(one) - {one} or one in tree.seen_by(other) - {other}:
            yield f"host/{one} and host/{other} must not see each other"
    for file in tree.cpp("host/"):
        room = file.split("/")[1]
        if room not in rooms:
            continue
        seen = tree.seen_by(room)
        for line, header in tree.includes(file):
            target = header.split("/")[0] if "/" in header else ""
            if target in rooms and target not in seen:
                yield (f'{file}:{line}: includes "{header}", but room {room} (floor {rooms[room].floor}) '
                       f"does not link {target} (floor {rooms[target].floor})")
