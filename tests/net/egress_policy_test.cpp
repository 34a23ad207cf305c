// The egress policy on real sockets: whatever led to an address, the address is what is judged.
#include <gtest/gtest.h>

#include <cstdlib>

#include "net/egress_receiver.hpp"

namespace tocsin::net::tests {
namespace {

EgressOptions options_for(std::initializer_list<const char*> cidrs) {
  std::vector<security::Cidr> allowed;
  for (const char* text : cidrs) {
    allowed.push_back(security::parse_cidr(text).value());
  }
  EgressOptions options;
  options.policy = security::AddressPolicy(std::move(allowed));
  return options;
}

TEST(EgressPolicy, RefusesALiteralAddressBeforeAnySocketOpens) {
  Receiver receiver;
  const auto engine = start_engine(EgressOptions{});
  for (const std::string& url : {receiver.url(), "https://127.0.0.1:" + std::to_string(receiver.port()) + "/",
                                 std::string("https://169.254.169.254/"), std::string("https://[::1]/"),
                                 std::string("https://10.0.0.1/")}) {
    const auto response = exchange(*engine, post(url));
    EXPECT_EQ(response.error, IoError::kBlocked) << url;
    EXPECT_FALSE(response.request_sent);
  }
  EXPECT_EQ(receiver.connections(), 0);
}

TEST(EgressPolicy, RefusesPlainHttpToAnAddressThatIsNotOpened) {
  const auto engine = start_engine(options_for({"127.0.0.0/8"}));
  for (const char* url : {"http://8.8.8.8/", "http://example.com/", "http://127.0.0.1.example.com/"}) {
    const auto response = exchange(*engine, post(url));
    EXPECT_EQ(response.error, IoError::kBlocked) << url;
    EXPECT_EQ(response.reason, "plain http is not allowed; use https");
  }
}

TEST(EgressPolicy, IgnoresProxiesOfTheEnvironment) {
  Receiver proxy;
  Receiver receiver;
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"}) {
    ::setenv(name, proxy.url("").c_str(), 1);
  }
  {
    const auto engine = start_engine();
    EXPECT_EQ(exchange(*engine, post(receiver.url())).status, 200);
  }
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"}) {
    ::unsetenv(name);
  }
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(receiver.connections(), 1);
}

TEST(EgressPolicy, RefusesAKeptConnectionOnceThePolicyIsTightened) {
  Receiver receiver;
  const auto engine = start_engine();
  EXPECT_EQ(exchange(*engine, post(receiver.url())).status, 200);
  engine->reconfigure(EgressOptions{});
  const auto response = exchange(*engine, post(receiver.url()));
  EXPECT_EQ(response.error, IoError::kBlocked);
  EXPECT_EQ(receiver.received().size(), 1U);
}

TEST(EgressPolicy, LosesNothingInFlightWhenThePolicyChanges) {
  std::promise<void> arrived;
  std::promise<void> go_on;
  Receiver slow([&](const Received&) {
    arrived.set_value();
    go_on.get_future().wait();
    return Reply{};
  });
  Receiver other;
  const auto engine = start_engine();
  auto answer = send(*engine, post(slow.url()));
  arrived.get_future().wait();
  engine->reconfigure(loopback_options());
  EXPECT_EQ(exchange(*engine, post(other.url())).status, 200);
  go_on.set_value();
  EXPECT_EQ(answer.get().status, 200);
  EXPECT_EQ(exchange(*engine, post(other.url())).status, 200);
  EXPECT_EQ(other.connections(), 1);
}

TEST(EgressPolicy, OpensNoConnectionToAnotherAddressThanTheOneOpened) {
  Receiver receiver;
  const auto engine = start_engine(options_for({"127.0.0.2"}));
  EXPECT_EQ(exchange(*engine, post(receiver.url())).error, IoError::kBlocked);
  EXPECT_EQ(receiver.connections(), 0);
}

}  // namespace
}  // namespace tocsin::net::tests
