// Names that lead where they should not. The resolver is scripted by replacing getaddrinfo() for this test
// binary, libcurl included; everything behind it is real. Hence a binary of its own.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "net/egress_receiver.hpp"

namespace {

const std::map<std::string, std::vector<std::string>>& scripted_names() {
  static const std::map<std::string, std::vector<std::string>> names = {
      {"loop.partner.com", {"127.0.0.1"}},
      {"loop6.partner.com", {"::1"}},
      {"mapped.partner.com", {"::ffff:169.254.169.254"}},
      {"metadata.partner.com", {"169.254.169.254"}},
      {"private.partner.com", {"10.0.0.5", "fd00::5"}},
      {"mixed.partner.com", {"127.0.0.2", "127.0.0.1"}},
  };
  return names;
}

addrinfo* make_entry(const std::string& text, std::uint16_t port, int type, int protocol) {
  const bool v6 = text.find(':') != std::string::npos;
  const std::size_t size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  auto* const entry =
      static_cast<addrinfo*>(std::calloc(1, sizeof(addrinfo) + size));  // as freeaddrinfo frees it
  auto* const address = reinterpret_cast<sockaddr*>(entry + 1);
  entry->ai_family = v6 ? AF_INET6 : AF_INET;
  entry->ai_socktype = type;
  entry->ai_protocol = protocol;
  entry->ai_addrlen = static_cast<socklen_t>(size);
  entry->ai_addr = address;
  if (v6) {
    auto* const in = reinterpret_cast<sockaddr_in6*>(address);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    inet_pton(AF_INET6, text.c_str(), &in->sin6_addr);
  } else {
    auto* const in = reinterpret_cast<sockaddr_in*>(address);
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    inet_pton(AF_INET, text.c_str(), &in->sin_addr);
  }
  return entry;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* node, const char* service,
                                                                  const addrinfo* hints, addrinfo** result) {
  const auto found = scripted_names().find(node == nullptr ? "" : node);
  if (found == scripted_names().end()) {
    return EAI_NONAME;
  }
  const auto port = static_cast<std::uint16_t>(service == nullptr ? 0 : std::atoi(service));
  addrinfo** next = result;
  for (const std::string& text : found->second) {
    *next = make_entry(text, port, hints == nullptr ? SOCK_STREAM : hints->ai_socktype, IPPROTO_TCP);
    next = &(*next)->ai_next;
  }
  return 0;
}

extern "C" __attribute__((visibility("default"))) void freeaddrinfo(addrinfo* list) noexcept {
  while (list != nullptr) {
    addrinfo* const next = list->ai_next;
    std::free(list);
    list = next;
  }
}

namespace tocsin::net::tests {
namespace {

ExchangeResponse post_to(ExchangeEngine& engine, const char* url) {
  return exchange(engine, post(url));
}

TEST(EgressNames, BlocksANameByTheAddressItResolvesTo) {
  const auto engine = start_engine(EgressOptions{});
  struct Case {
    const char* url;
    const char* reason;
  };
  for (const Case& c :
       {Case{"https://loop.partner.com/s3cret", "loopback"}, Case{"https://loop6.partner.com/", "loopback"},
        Case{"https://mapped.partner.com/", "cloud metadata"},
        Case{"https://metadata.partner.com/", "cloud metadata"},
        Case{"https://private.partner.com:8443/", "private network"}}) {
    const auto response = post_to(*engine, c.url);
    EXPECT_EQ(response.error, IoError::kBlocked) << c.url;
    EXPECT_EQ(response.reason, c.reason) << c.url;
    EXPECT_FALSE(response.request_sent);
  }
}

TEST(EgressNames, BlocksANameWithOneRefusedAddressAmongOthers) {
  EgressOptions options;
  options.policy = security::AddressPolicy({security::parse_cidr("127.0.0.1").value()});
  const auto engine = start_engine(options);
  EXPECT_EQ(post_to(*engine, "https://mixed.partner.com/").error, IoError::kBlocked);
}

TEST(EgressNames, NeverOpensMetadataByAnyName) {
  EgressOptions options;
  options.policy = security::AddressPolicy(
      {security::parse_cidr("0.0.0.0/0").value(), security::parse_cidr("::/0").value()});
  const auto engine = start_engine(options);
  EXPECT_EQ(post_to(*engine, "https://metadata.partner.com/").reason, "cloud metadata");
  EXPECT_EQ(post_to(*engine, "https://mapped.partner.com/").reason, "cloud metadata");
}

MailReply mail_by(ExchangeEngine& engine, const char* server) {
  MailRequest request;
  request.server = server;
  request.envelope_from = "a@partner.com";
  request.recipients = {"b@partner.com"};
  request.bytes = "hi\r\n";
  std::promise<MailReply> promise;
  auto future = promise.get_future();
  engine.submit_mail(std::move(request), [&](MailReply reply) { promise.set_value(std::move(reply)); });
  return future.get();
}

TEST(EgressNames, HoldsMailServersToTheSame) {
  auto engine = start_engine(EgressOptions{});
  for (const auto& [server, reason] :
       {std::pair{"loop.partner.com", "loopback"}, std::pair{"private.partner.com", "private network"},
        std::pair{"mapped.partner.com", "cloud metadata"}}) {
    const auto reply = mail_by(*engine, server);
    EXPECT_EQ(reply.error, IoError::kBlocked) << server;
    EXPECT_EQ(reply.reason, reason);
    EXPECT_EQ(reply.stage, MailStage::kConnect);
  }
  EXPECT_EQ(mail_by(*engine, "unknown.partner.com").error, IoError::kDns);
  EgressOptions options;
  options.policy = security::AddressPolicy({security::parse_cidr("127.0.0.1").value()});
  engine = start_engine(options);
  EXPECT_EQ(mail_by(*engine, "mixed.partner.com").error, IoError::kBlocked);
}

TEST(EgressNames, SaysThatANameDoesNotResolve) {
  const auto engine = start_engine(EgressOptions{});
  const auto response = post_to(*engine, "https://unknown.partner.com/s3cret");
  EXPECT_EQ(response.error, IoError::kDns);
  EXPECT_EQ(response.reason, "the host's name does not resolve");
  EXPECT_FALSE(response.request_sent);
}

}  // namespace
}  // namespace tocsin::net::tests
