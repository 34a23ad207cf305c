// Settings and messages of a mail channel for its tests.
#pragma once

#include <tocsin/testing/fake_host.hpp>

#include "plugins/samples.hpp"
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
  auto sample = tocsin::tests::make_finding({{"env", "prod"}, {"finding_id", "f-1"}});
  sample.summary = "The bucket <acme-exports> is readable by anyone.\nIt holds 4 objects.";
  return sample;
}

inline tocsin::testing::sample_message digest(std::size_t count) {
  return tocsin::tests::make_digest(finding(), count);
}

// The mail to the first recipient.
inline std::string mail_of(tocsin::testing::document settings, tocsin::testing::sample_message& sample) {
  const auto read = smtp::read_settings(tocsin::settings(*settings.c()));
  return smtp::mail_for(smtp::compose(read, tocsin::message(*sample.c())), read.to[0]);
}

}  // namespace smtp_tests
