// The discord channel under libFuzzer.
#include <tocsin/testing/fuzz.hpp>

TOCSIN_FUZZ_CHANNEL({{"/url", "tsec_0123456789abcdefghijklmnopqrstuv"}})
