// A room with nothing in it, for the houses of CMakeLists.txt beside it.
