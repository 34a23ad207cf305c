// Messages through packets and back, and what is no message.
#include "wire/frame.hpp"

#include <gtest/gtest.h>

namespace tocsin::wire {
namespace {

std::vector<Message> assemble(const std::vector<std::string>& packets, bool& good) {
  Assembler assembler;
  std::vector<Message> out;
  good = true;
  for (const auto& packet : packets) {
    good = good && assembler.feed(packet, [&](Message message) { out.push_back(std::move(message)); });
  }
  return out;
}

TEST(Frames, ManySmallMessagesShareAPacket) {
  Packer packer;
  for (std::uint32_t i = 0; i < 100; ++i) packer.add({Kind::kDeliver, i, 0, i, std::string(200, 'x')});
  const auto packets = packer.take();
  EXPECT_EQ(packets.size(), 1U);
  EXPECT_TRUE(packer.empty());
  bool good = false;
  const auto back = assemble(packets, good);
  ASSERT_TRUE(good);
  ASSERT_EQ(back.size(), 100U);
  EXPECT_EQ(back[99].instance, 99U);
  EXPECT_EQ(back[99].payload, std::string(200, 'x'));
}

TEST(Frames, ALongBodyTakesSeveralPacketsAndComesBackWhole) {
  for (const std::size_t size : {kMaxPacket - 24, kMaxPacket - 23, kMaxPacket, 5 * kMaxPacket + 7}) {
    std::string body;
    for (std::size_t i = 0; i < size; ++i) body += static_cast<char>(i * 31);
    Packer packer;
    packer.add({Kind::kLog, 1, 0, 0, "before"});
    packer.add({Kind::kMail, 7, 8, 9, body});
    packer.add({Kind::kPong, 0, 0, 1, {}});
    const auto packets = packer.take();
    for (const auto& packet : packets) EXPECT_LE(packet.size(), kMaxPacket);
    bool good = false;
    const auto back = assemble(packets, good);
    ASSERT_TRUE(good) << size;
    ASSERT_EQ(back.size(), 3U) << size;
    EXPECT_EQ(back[1].payload, body) << size;
    EXPECT_EQ(back[1].handle, 9U);
    EXPECT_EQ(back[2].kind, Kind::kPong);
  }
}

TEST(Frames, WhatIsNoMessageIsRefused) {
  Packer packer;
  packer.add({Kind::kDeliver, 1, 0, 2, "four"});
  const std::string packet = packer.take().front();
  bool good = true;
  for (std::size_t size = 1; size < packet.size(); ++size) {
    static_cast<void>(assemble({packet.substr(0, size)}, good));
    EXPECT_FALSE(good) << size << " bytes of it";
  }
  std::string longer = packet;
  longer[0] = 5;  // promises a byte more than there is
  static_cast<void>(assemble({longer}, good));
  EXPECT_FALSE(good);
  std::string unfinished = packet;
  unfinished[6] = 1;  // goes on …
  std::string other = packet;
  other[8] = 9;  // … with the message of another
  static_cast<void>(assemble({unfinished, other}, good));
  EXPECT_FALSE(good);
}

TEST(Frames, AMessageHasABound) {
  Packer packer;
  packer.add({Kind::kMail, 0, 1, 0, std::string(kMaxMessage + 1, 'x')});
  bool good = true;
  EXPECT_TRUE(assemble(packer.take(), good).empty());
  EXPECT_FALSE(good);
}

}  // namespace
}  // namespace tocsin::wire
