// The messages that the renderers' tests share: one finding as a service would post it, and a digest of many.
#pragma once

#include <cstddef>
#include <string>
#include <tocsin/testing/documents.hpp>
#include <utility>
#include <vector>

namespace tocsin::tests {

using Labels = std::vector<std::pair<std::string, std::string>>;

inline tocsin::testing::sample_message make_finding(Labels labels) {
  tocsin::testing::sample_message sample;
  sample.severity = TOCSIN_CRITICAL;
  sample.title = "Public bucket with customer data";
  sample.summary = "The bucket acme-exports is readable by anyone.\nIt holds 4 objects.";
  sample.link = "https://console.example.com/findings/f-1?tab=a&b=c";
  sample.labels = std::move(labels);
  return sample;
}

// `first` and further findings of every severity.
inline tocsin::testing::sample_message make_digest(tocsin::testing::sample_message first, std::size_t count) {
  first.flags = TOCSIN_DIGEST;
  for (std::size_t i = 1; i < count; ++i) {
    auto& other = first.more.emplace_back();
    other.event_id = "evt_" + std::to_string(i + 1);
    other.severity = static_cast<std::uint32_t>(i % 5);
    other.title = "Finding number " + std::to_string(i + 1);
  }
  return first;
}

}  // namespace tocsin::tests
