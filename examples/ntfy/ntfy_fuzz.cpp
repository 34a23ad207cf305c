// The ntfy channel under libFuzzer.
#include <tocsin/testing/fuzz.hpp>

TOCSIN_FUZZ_CHANNEL({{"/server", "https://ntfy.sh"},
                     {"/topic", "alerts"},
                     {"/token", "tsec_0123456789abcdefghijklmnopqrstuv"}})
