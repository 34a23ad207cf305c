// The acme channel under libFuzzer: any event, any answer.
#include <tocsin/testing/fuzz.hpp>

TOCSIN_FUZZ_CHANNEL({{"/url", "https://api.example.com/v1/alerts"},
                     {"/token", "tsec_0123456789abcdefghijklmnopqrstuv"}})
