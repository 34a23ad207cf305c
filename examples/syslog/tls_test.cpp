// Syslog over TLS against a real server: what is sent, and to whom nothing is.
#include "tls.hpp"

#include <sched.h>

#include <thread>
#include <tocsin/testing/corpus.hpp>
#include <tocsin/testing/fake_host.hpp>

#include "record.hpp"
#include "tls_collector.hpp"

namespace {

using syslog_channel::tests::Certificate;
using syslog_channel::tests::TlsCollector;
using tocsin::testing::fake_host;
using tocsin::testing::sample_message;
using Manner = TlsCollector::Manner;

class SyslogTls : public ::testing::Test {
 protected:
  tocsin::testing::completion deliver(std::uint16_t port, const std::string& ca,
                                      const char* server = "127.0.0.1") {
    EXPECT_TRUE(host.create({{"/server", server},
                             {"/port", std::to_string(port)},
                             {"/ca", ca},
                             {"/security", "tls"},
                             {"/host", "tocsin"}}))
        << host.error.text;
    return host.deliver(sample_message()).at(0);
  }
  // Nothing of the alert reached it.
  void refuses(const Certificate& shown, const std::string& ca, const char* server = "127.0.0.1") {
    TlsCollector collector(shown);
    const auto done = deliver(collector.port, ca, server);
    EXPECT_EQ(done.status, TOCSIN_MISCONFIGURED);
    EXPECT_EQ(done.code, "org.ietf.syslog.certificate");
    EXPECT_EQ(collector.got(), "");
  }
  fake_host host{*tocsin_plugin_v1()->types[0]};
};

TEST_F(SyslogTls, SendsOneFrameToACollectorThatItTrusts) {
  const Certificate certificate("IP:127.0.0.1");
  TlsCollector collector(certificate);
  EXPECT_EQ(deliver(collector.port, certificate.pem()).status, TOCSIN_ACCEPTED);
  sample_message same;
  const auto record = syslog_channel::format_record(tocsin::message(*same.c()), {16, "tocsin", "tocsin"});
  EXPECT_EQ(collector.got(), syslog_channel::frame(record));
}

TEST_F(SyslogTls, KnowsACollectorByItsName) {
  const Certificate certificate("DNS:localhost");
  TlsCollector collector(certificate);
  EXPECT_EQ(deliver(collector.port, certificate.pem(), "localhost").status, TOCSIN_ACCEPTED);
}

TEST_F(SyslogTls, TakesOneOfSeveralAuthorities) {
  const Certificate other("DNS:elsewhere.example");
  const Certificate certificate("IP:127.0.0.1");
  TlsCollector collector(certificate);
  EXPECT_EQ(deliver(collector.port, other.pem() + certificate.pem()).status, TOCSIN_ACCEPTED);
}

TEST_F(SyslogTls, TellsNothingToACollectorOfAnotherName) {
  const Certificate certificate("DNS:elsewhere.example");
  refuses(certificate, certificate.pem());
}

TEST_F(SyslogTls, TakesANameForNoAddress) {
  const Certificate certificate("DNS:127.0.0.1");
  refuses(certificate, certificate.pem());
}

TEST_F(SyslogTls, TellsNothingToAStranger) {
  refuses(Certificate("IP:127.0.0.1"), Certificate("IP:127.0.0.1").pem());
}

TEST_F(SyslogTls, TellsNothingToAStrangerWhereTheSystemIsTrusted) {
  refuses(Certificate("IP:127.0.0.1"), "");
}

TEST_F(SyslogTls, TellsNothingWhereTheCertificateHasEnded) {
  const Certificate certificate("IP:127.0.0.1", -1);
  refuses(certificate, certificate.pem());
}

TEST_F(SyslogTls, SaysWhatSpeaksNoTls) {
  const Certificate certificate("IP:127.0.0.1");
  TlsCollector collector(certificate, Manner::kSpeaksNoTls);
  const auto done = deliver(collector.port, certificate.pem());
  EXPECT_EQ(done.status, TOCSIN_MISCONFIGURED);
  EXPECT_EQ(done.code, "org.ietf.syslog.tls");
}

TEST_F(SyslogTls, IsUncertainOfWhatWasReset) {
  const Certificate certificate("IP:127.0.0.1");
  TlsCollector collector(certificate, Manner::kResets);
  EXPECT_EQ(deliver(collector.port, certificate.pem()).status, TOCSIN_UNCERTAIN);
}

// A sender that shares one processor with the collector and yields to it: the reset is there before the
// sender says goodbye.
TEST_F(SyslogTls, IsUncertainOfWhatWasResetBeforeItsGoodbye) {
  const Certificate certificate("IP:127.0.0.1");
  const auto sender = [&] {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &here);
    ASSERT_EQ(::sched_setaffinity(0, sizeof here, &here), 0);
    TlsCollector collector(certificate, Manner::kResets);
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_IDLE, &none), 0);
    EXPECT_EQ(deliver(collector.port, certificate.pem()).status, TOCSIN_UNCERTAIN);
  };
  for (int round = 0; round < 5; ++round) std::thread(sender).join();
}

TEST_F(SyslogTls, GivesUpOnOneThatIsSilent) {
  const Certificate certificate("IP:127.0.0.1");
  TlsCollector collector(certificate, Manner::kIsSilent);
  const auto trust = std::make_shared<syslog_channel::Trust>(certificate.pem());
  EXPECT_EQ(syslog_channel::send_bytes({"127.0.0.1", collector.port, trust}, "x", 200),
            syslog_channel::Sent::kNotSent);
}

TEST_F(SyslogTls, VerifiesAConnectionWithoutAnAlert) {
  const Certificate certificate("IP:127.0.0.1");
  TlsCollector collector(certificate);
  ASSERT_TRUE(host.create(
      {{"/server", "127.0.0.1"}, {"/port", std::to_string(collector.port)}, {"/ca", certificate.pem()}}));
  EXPECT_EQ(host.verify().at(0).status, TOCSIN_DELIVERED);
  EXPECT_EQ(collector.got(), "");
}

TEST_F(SyslogTls, RefusesAnAuthorityThatIsNone) {
  EXPECT_FALSE(host.create({{"/server", "127.0.0.1"}, {"/ca", "-----BEGIN CERTIFICATE-----\nbm8=\n"}}));
  EXPECT_STREQ(host.error.pointer, "/ca");
}

}  // namespace
