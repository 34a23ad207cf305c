// tocsin/plugin.hpp - the C++20 face of the plugin ABI: one include for a channel written in C++.
//
// Why: a channel should be a struct with a constructor and one or two functions. What it does not do: it adds
// no call to the C ABI, has no dependency, no static with a destructor, and lets no exception cross to the
// host.
//
//   struct ntfy {
//     static constexpr tocsin::about about{.type = "sh.ntfy", .name = "ntfy", .version = "1.0.0", ...};
//     explicit ntfy(const tocsin::settings& s);                       // or (settings, host); throw to refuse
//     tocsin::http_request request(tocsin::message m) const;          // sans-I/O style: pure functions
//     tocsin::outcome response(tocsin::message, tocsin::http_response r) const;   // optional
//   };
//   TOCSIN_CHANNEL(ntfy)
//
// The active style has `void deliver(tocsin::message, tocsin::delivery)` instead of request(). Both may have
// `void verify(tocsin::delivery)` and `void cancel(tocsin::delivery)`.
#pragma once

#include <tocsin/plugin.h>

#include <tocsin/cpp/channel.hpp>
#include <tocsin/cpp/host.hpp>
#include <tocsin/cpp/http.hpp>
#include <tocsin/cpp/text.hpp>
#include <tocsin/cpp/views.hpp>
