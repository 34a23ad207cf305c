// The records of the syslog channel under libFuzzer. Not the channel, whose socket would have to have a peer.
#include <tocsin/testing/fuzz.hpp>

#include "record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tocsin::testing::fuzz_found;
  tocsin::testing::fuzz_input in(data, size);
  auto message = tocsin::testing::fuzz_message(in);
  message.source = in.text();
  message.type = in.text();
  const syslog_channel::Origin origin{in.number(24), in.text(), in.text()};
  const std::string record = syslog_channel::format_record(tocsin::message(*message.c()), origin);
  message.attempt = 2;
  if (syslog_channel::format_record(tocsin::message(*message.c()), origin) != record)
    fuzz_found("writes another record on a second attempt", record);
  if (record.size() > 8192) fuzz_found("writes too long a record", std::to_string(record.size()));
  for (const char c : record) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
      fuzz_found("lets a control character through", record);
  }
  // What follows the structured data begins with a mark that no text before it can hold unescaped.
  const auto end = record.find("] \xEF\xBB\xBF");
  if (end == record.npos || record.find(" [tocsin@32473 delivery=") == record.npos)
    fuzz_found("writes no structured data", record);
  return 0;
}
