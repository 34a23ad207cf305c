// The syslog channel: its records as text, and its socket against a real one on the loopback. TLS is in
// tls_test.cpp.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iterator>
#include <tocsin/testing/corpus.hpp>
#include <tocsin/testing/fake_host.hpp>

#include "connection.hpp"
#include "record.hpp"

namespace {

using tocsin::testing::fake_host;
using tocsin::testing::sample_message;

// Takes one connection and reads it to its end, or resets it after the first byte.
class Collector {
 public:
  explicit Collector(bool resets = false) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, any, size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    EXPECT_EQ(::getsockname(listener_, any, &size), 0);
    port = ntohs(address.sin_port);
    got_ = std::async(std::launch::async, [this, resets] { return take(resets); });
  }
  ~Collector() {
    if (got_.valid()) got_.wait();
    ::close(listener_);
  }
  std::string got() { return got_.get(); }
  std::uint16_t port = 0;

 private:
  std::string take(bool resets) const {
    const int peer = ::accept(listener_, nullptr, nullptr);
    std::string all;
    char buffer[4096];
    for (auto n = ::recv(peer, buffer, resets ? 1 : sizeof buffer, 0); n > 0;
         n = ::recv(peer, buffer, sizeof buffer, 0)) {
      all.append(buffer, static_cast<std::size_t>(n));
      if (!resets) continue;
      const linger now{1, 0};
      ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      break;
    }
    ::close(peer);
    return all;
  }
  int listener_;
  std::future<std::string> got_;
};

std::string record_of(sample_message& sample) {
  return syslog_channel::format_record(tocsin::message(*sample.c()), {16, "tocsin", "tocsin"});
}

TEST(Syslog, WritesARecordOfRfc5424) {
  sample_message alert;
  EXPECT_EQ(record_of(alert),
            "<131>1 2026-11-23T08:00:00.000Z tocsin tocsin - finding.created [tocsin@32473 "
            "delivery=\"dlv_01JDB8Z6Q0000000000000001A\" event=\"evt_1\" severity=\"high\" source=\"cspm\" "
            "link=\"https://example.com/f/1\"] \xEF\xBB\xBFPublic bucket: A storage bucket is public");
}

TEST(Syslog, LetsNoTextBreakOutOfItsPlace) {
  for (auto& [name, message] : tocsin::testing::golden_corpus(1, false)) {
    message.source = "a\"b]c\\d";
    const std::string record = record_of(message);
    EXPECT_LE(record.size(), 8192U) << name;
    EXPECT_EQ(record.find_first_of(std::string("\0\n\r\x1b", 4)), record.npos) << name;
    EXPECT_NE(record.find(R"(source="a\"b\]c\\d" link=)"), record.npos) << name;
  }
}

// One line of ASCII, cut; a hash (FNV-1a) stands for the whole.
std::string shown(const std::string& record) {
  std::string out;
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char c : record) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    if (out.size() > 400) continue;
    char one[8] = {c};
    if (c < ' ' || c > '~') std::snprintf(one, sizeof one, "\\x%02X", static_cast<unsigned char>(c));
    out += one;
  }
  return std::to_string(record.size()) + " bytes, " + std::to_string(hash) + "  " + out;
}

// The host sees no request of a socket of its own, so `tocsin plugin record` has nothing to keep: the records
// of the corpus are kept here, one a line. SYSLOG_RECORD=1 writes them anew; review them before you keep
// them.
TEST(Syslog, WritesTheRecordsThatWereKept) {
  const std::string file = SYSLOG_SOURCE "/records.txt";
  std::string now;
  for (auto& [name, message] : tocsin::testing::golden_corpus(1, false)) {
    now += name + ": " + shown(record_of(message)) + '\n';
  }
  if (std::getenv("SYSLOG_RECORD") != nullptr) std::ofstream(file, std::ios::binary) << now;
  std::ifstream in(file, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), now);
}

TEST(Syslog, CountsTheOctetsOfItsFrame) {
  EXPECT_EQ(syslog_channel::frame("<13>1 é"), "8 <13>1 é");
}

class SyslogChannel : public ::testing::Test {
 protected:
  tocsin::testing::completion deliver(std::uint16_t port) {
    EXPECT_TRUE(host.create({{"/server", "127.0.0.1"},
                             {"/port", std::to_string(port)},
                             {"/security", "none"},
                             {"/host", "tocsin"}}));
    return host.deliver(sample_message()).at(0);
  }
  fake_host host{*tocsin_plugin_v1()->types[0]};
};

TEST_F(SyslogChannel, SendsOneFrameAndIsAccepted) {
  Collector collector;
  EXPECT_EQ(deliver(collector.port).status, TOCSIN_ACCEPTED);
  sample_message same;
  EXPECT_EQ(collector.got(), syslog_channel::frame(record_of(same)));
}

TEST_F(SyslogChannel, IsUncertainOfWhatWasReset) {
  Collector collector(true);
  EXPECT_EQ(deliver(collector.port).status, TOCSIN_UNCERTAIN);
}

TEST_F(SyslogChannel, TriesAgainWhereNobodyListens) {
  std::uint16_t port = 0;
  {
    Collector gone;
    port = gone.port;
    syslog_channel::send_bytes({"127.0.0.1", port, nullptr}, "", 1000);
  }
  EXPECT_EQ(deliver(port).code, "org.ietf.syslog.no_connection");
}

}  // namespace
