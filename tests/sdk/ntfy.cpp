// Turns the example into a library, as its author would.
#include "ntfy.hpp"

TOCSIN_CHANNEL(ntfy)
