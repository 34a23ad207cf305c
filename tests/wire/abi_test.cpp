// The ABI's structs as bytes and back, and bytes that are none.
#include "wire/abi.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tocsin::wire {
namespace {

std::string text(tocsin_str from) {
  return {from.ptr == nullptr ? "" : from.ptr, from.len};
}

struct Sample {
  tocsin_kv labels[2]{{TOCSIN_LIT("env"), TOCSIN_LIT("prod")}, {TOCSIN_LIT("region"), TOCSIN_LIT("")}};
  tocsin_event event{};
  const tocsin_event* events[2]{&event, &event};
  tocsin_message message{};
  Sample() {
    event.size = sizeof event;
    event.severity = TOCSIN_HIGH;
    event.title = TOCSIN_LIT("Disk full");
    event.labels = labels;
    event.n_labels = 2;
    event.data.json = TOCSIN_LIT("{\"a\":1}");
    message.size = sizeof message;
    message.attempt = 3;
    message.id = TOCSIN_LIT("dlv_1");
    message.events = events;
    message.n_events = 2;
    message.carry = TOCSIN_LIT("a note");
  }
  [[nodiscard]] std::string bytes() {
    std::string out;
    Writer write(out);
    pass(write, message);
    return out;
  }
};

TEST(Abi, AMessageComesBackAsItWas) {
  Sample sample;
  const std::string bytes = sample.bytes();
  Shelf shelf;
  Reader read(bytes, shelf);
  tocsin_message back{};
  pass(read, back);
  ASSERT_TRUE(read.good());
  EXPECT_EQ(back.attempt, 3U);
  EXPECT_EQ(text(back.carry), "a note");
  EXPECT_EQ(back.console_url.ptr, nullptr) << "absent stays absent";
  ASSERT_EQ(back.n_events, 2U);
  const tocsin_event& event = *back.events[1];
  EXPECT_EQ(text(event.title), "Disk full");
  EXPECT_EQ(event.summary.ptr, nullptr);
  ASSERT_EQ(event.n_labels, 2U);
  EXPECT_EQ(text(event.labels[0].value), "prod");
  EXPECT_NE(event.labels[1].value.ptr, nullptr) << "empty is not absent";
  EXPECT_EQ(text(event.data.json), "{\"a\":1}");
}

TEST(Abi, AShorterStructIsReadUpToItsSize) {
  tocsin_outcome outcome{};
  outcome.status = TOCSIN_RETRY;
  outcome.carry = {reinterpret_cast<const char*>(0x10), 99};  // behind what its size covers
  outcome.size = offsetof(tocsin_outcome, carry);
  std::string bytes;
  Writer write(bytes);
  tocsin_outcome copy = cut(outcome);
  pass(write, copy);
  Shelf shelf;
  Reader read(bytes, shelf);
  tocsin_outcome back{};
  pass(read, back);
  ASSERT_TRUE(read.good());
  EXPECT_EQ(back.size, offsetof(tocsin_outcome, carry));
  EXPECT_EQ(back.status, TOCSIN_RETRY);
  EXPECT_EQ(back.carry.ptr, nullptr);
}

TEST(Abi, ASizeThatPromisesMoreThanWeKnowIsBroughtDown) {
  tocsin_outcome outcome{};
  outcome.size = 4096;
  std::string bytes;
  Writer write(bytes);
  pass(write, outcome);
  Shelf shelf;
  Reader read(bytes, shelf);
  tocsin_outcome back{};
  pass(read, back);
  EXPECT_EQ(back.size, sizeof back);
}

TEST(Abi, EveryCutAndEveryFlippedByteIsReadWithoutHarm) {
  Sample sample;
  const std::string bytes = sample.bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Shelf shelf;
    Reader read(std::string_view(bytes).substr(0, size), shelf);
    tocsin_message back{};
    pass(read, back);
    EXPECT_FALSE(read.good()) << size;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(~flipped[at]);
    Shelf shelf;
    Reader read(flipped, shelf);
    tocsin_message back{};
    pass(read, back);
    std::size_t seen = 0;
    for (std::size_t i = 0; read.good() && i < back.n_events; ++i) seen += text(back.events[i]->title).size();
    EXPECT_LE(seen, flipped.size());
  }
}

}  // namespace
}  // namespace tocsin::wire
