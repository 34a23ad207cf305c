// Settings and messages of a mail channel for its tests.
#pragma once

#include <tocsin/testing/fake_host.hpp>

#include "smtp/mail_message.hpp"
#include "smtp/settings.hpp"

namespace smtp_tests {

inline const tocsin_channel_type& smtp_type() {
  return *tocsin_plugin_v1()->types[0];
}

inline tocsin::testing::document good_settings() {
  return {{"/server", "mail.example.com"}, {"/security", "starttls"},    {"/username", "alerts@example.com"},
          {"/password", "tsec_password"},  {"/to/0", "ops@example.com"}, {"/timeout_seconds", "60"}};
}

inline tocsin::testing::sample_message finding() {
  tocsin::testing::sample_message sample;
  sample.severity = TOCSIN_CRITICAL;
  sample.title = "Public bucket with customer data";
  sample.summary = "The bucket <acme-exports> is readable by anyone.\nIt holds 4 objects.";
  sample.link = "https://console.example.com/findings/f-1?tab=a&b=c";
  sample.labels = {{"env", "prod"}, {"finding_id", "f-1"}};
  return sample;
}

inline tocsin::testing::sample_message digest(std::size_t count) {
  auto sample = finding();
  sample.flags = TOCSIN_DIGEST;
  for (std::size_t i = 1; i < count; ++i) {
    auto& other = sample.more.emplace_back();
    other.event_id = "evt_" + std::to_string(i + 1);
    other.severity = static_cast<std::uint32_t>(i % 5);
    other.title = "Finding number " + std::to_string(i + 1);
  }
  return sample;
}

// The mail to the first recipient.
inline std::string mail_of(tocsin::testing::document settings, tocsin::testing::sample_message& sample) {
  const auto read = smtp::read_settings(tocsin::settings(*settings.c()));
  return smtp::mail_for(smtp::compose(read, tocsin::message(*sample.c())), read.to[0]);
}

}  // namespace smtp_tests
