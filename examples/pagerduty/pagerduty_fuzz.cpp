// The pagerduty channel under libFuzzer.
#include <tocsin/testing/fuzz.hpp>

TOCSIN_FUZZ_CHANNEL({{"/server", "https://events.pagerduty.com"},
                     {"/routing_key", "tsec_0123456789abcdefghijklmnopqrstuv"}})
