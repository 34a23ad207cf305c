// /v1/teams/{team}/channels/{name}: how a channel is, and testing it. A test message is an event like any
// other, but for its plan; its answer comes when its end is on disk. See service.hpp for threads.
#include <algorithm>
#include <boost/json.hpp>

#include "api/json_body.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "api/test_report.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;

// Below what clients commonly wait for an answer.
constexpr std::int64_t kPatienceMs = 25'000;

// An empty body asks for a message.
Result<TestKind> read_kind(const std::string& body) {
  if (body.empty()) return TestKind::kMessage;
  const auto document =
      read_object(body, R"(no body, or a JSON object such as {"kind":"message"} or {"kind":"connection"})");
  if (!document) return document.error();
  TestKind kind = TestKind::kMessage;
  for (const auto& member : *document) {
    if (member.key() != "kind") return bad_place(pointer_to(member.key()), "is not known here: remove it");
    if (member.value() == "connection") {
      kind = TestKind::kConnection;
    } else if (member.value() != "message") {
      return bad_place("/kind", R"(must be "message" or "connection")");
    }
  }
  return kind;
}

// Whoever asked for a test; answered once, by whichever of the store and the engine comes first.
class Tester {
 public:
  Tester(TestKind kind, std::string request_id, net::Responder responder)
      : kind_(kind), request_id_(std::move(request_id)), responder_(std::move(responder)) {}

  // The message's event and delivery, for the answer. Before it can be told.
  void name(std::string event, DeliveryId delivery, std::string location) {
    event_ = std::move(event);
    delivery_ = delivery;
    location_ = std::move(location);
  }

  void refuse(const Error& error) {
    if (!answered_.exchange(true)) responder_.send(net::make_problem(error, request_id_));
  }

  void tell(const delivery::TestEnd& end) {
    if (answered_.exchange(true)) return;
    const TestReport report = report_test(kind_, end);
    net::HttpResponse response;
    response.status = end.ended ? 200 : 202;
    response.body = "{\"result\":";
    append_json_string(response.body, report.result);
    response.body += ",\"message\":";
    append_json_string(response.body, report.message);
    if (delivery_ != 0) {
      response.headers.push_back({"Location", location_});
      response.body += ",\"event\":\"" + event_ + "\",\"delivery\":\"" + format_delivery_id(delivery_) + '"';
    }
    if (end.ended) {
      response.body += ",\"attempt\":";
      Attempt attempt = end.attempt;
      attempt.number = std::max(attempt.number, 1U);
      append_attempt(response.body, attempt);
    }
    response.body += '}';
    responder_.send(std::move(response));
  }

 private:
  const TestKind kind_;
  const std::string request_id_;
  net::Responder responder_;
  std::string event_, location_;
  DeliveryId delivery_ = 0;
  std::atomic<bool> answered_{false};
};

std::vector<delivery::ChannelStatus> statuses_of(const delivery::Engine& engine, const std::string& team) {
  auto channels = engine.statuses();
  std::erase_if(channels, [&](const delivery::ChannelStatus& channel) { return channel.team != team; });
  return channels;
}

}  // namespace

void Service::add_channel_endpoints() {
  const auto add = [this](std::string_view method, std::string_view path, auto member,
                          std::string_view act = {}) {
    endpoints_.push_back(
        {method, path, security::Permission::kManageIntegrations,
         [this, member](Call call, net::Responder to) { (this->*member)(std::move(call), std::move(to)); },
         act});
  };
  add("GET", "/v1/teams/{team}/channels/{name}/status", &Service::get_channel_status);
  add("POST", "/v1/teams/{team}/channels/{name}/test", &Service::test_channel, "channel.test");
}

void Service::get_channel_status(Call call, net::Responder responder) {
  if (find_team(call, responder) == nullptr) return;
  const auto channels = statuses_of(with_.engine, call.arguments[0]);
  const auto found = std::ranges::find(channels, call.arguments[1], &delivery::ChannelStatus::name);
  if (found == channels.end()) {
    responder.send(net::make_problem(make_error(Errc::kNotFound, "the team has no channel of this name"),
                                     call.request.id));
    return;
  }
  net::HttpResponse response;
  append_channel(response.body, *found);
  responder.send(std::move(response));
}

void Service::test_channel(Call call, net::Responder responder) {
  if (find_team(call, responder) == nullptr) return;
  const auto kind = read_kind(call.request.body);
  const auto tester =
      std::make_shared<Tester>(kind ? *kind : TestKind::kMessage, call.request.id, std::move(responder));
  if (!kind) return tester->refuse(kind.error());
  if (draining_) return tester->refuse(make_error(Errc::kUnavailable, "the daemon is stopping"));
  auto test = with_.intake.plan_test(call.arguments[0], call.arguments[1]);
  if (!test) return tester->refuse(test.error());

  const ChannelId channel = test->deliveries.front().channel;
  const auto tell = [tester](const delivery::TestEnd& end) { tester->tell(end); };
  if (*kind == TestKind::kConnection) {
    const auto asked = with_.engine.verify(channel, kPatienceMs, tell);
    if (!asked) tester->refuse(asked.error());
    return;
  }
  const DeliveryId delivery = test->event->seq + 1;
  tester->name(
      test->event->id, delivery,
      "/v1/teams/" + encode_segment(call.arguments[0]) + "/deliveries/" + format_delivery_id(delivery));
  const auto expected = with_.engine.expect_test(channel, delivery, kPatienceMs, tell);
  if (!expected) return tester->refuse(expected.error());
  with_.intake.push_test(std::move(*test), [this, tester, delivery](const Result<ingest::Pushed>& pushed) {
    if (pushed) return;
    with_.engine.forget_test(delivery);
    tester->refuse(pushed.error());
  });
}

}  // namespace tocsin::api
