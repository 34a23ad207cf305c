// The whole API on a real server, a real store and the real engine, whose channels have no instance:
// deliveries wait until a test finishes them. Teams are those of ingest/teams.hpp.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/service.hpp"
#include "ingest/catalogue.hpp"
#include "ingest/teams.hpp"
#include "net/api_client.hpp"
#include "store/fixtures.hpp"
#include "store/sqlite_store.hpp"

namespace tocsin::api {

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names lower-cased
  std::string body;
  boost::json::value json;  // null where the body is no JSON

  [[nodiscard]] std::string header(const std::string& name) const;
  // "/results/0/event/id" as text: strings without their quotes, "" where there is none.
  [[nodiscard]] std::string at(std::string_view pointer) const;
  [[nodiscard]] std::size_t size_at(std::string_view pointer) const;  // of an array; 0 where there is none
};

// Answers each change with `answer`, at once, and keeps it to be looked at. [api]
class ScriptedEditor final : public ObjectEditor {
 public:
  void change(ObjectChange change, std::function<void(Result<ObjectView>)> done) override {
    if (answer) answer->created = change.verb == ObjectChange::Verb::kCreate;
    changes.push_back(std::move(change));
    done(answer);
  }
  Result<ObjectView> answer =
      ObjectView{"demo", store::ObjectKind::kChannel, "ops", R"({"name":"ops"})", "\"1.2\""};
  std::vector<ObjectChange> changes;
};

// Is asked to rotate, and says what it is told to. [api]
class ScriptedRotation final : public KeyRotation {
 public:
  void rotate() override { ++asked; }
  [[nodiscard]] RotationProgress rotation() const override { return progress; }
  RotationProgress progress;
  int asked = 0;
};

class ApiTest : public testing::Test {
 protected:
  // Without a place for a stream its endpoint answers at once, as every other does.
  explicit ApiTest(std::size_t listeners = 0) : listeners_(listeners) {}
  void SetUp() override;
  void TearDown() override;

  // The tokens every test has, by the name of their principal: "service", "member" and "admin" of demo,
  // "alice" and "bob" (members of demo; bob's token is named "laptop"), "other" and "other-admin" (a member
  // and an admin of platform), "both" (a service of both teams), "platform" (a service of platform),
  // "operator", and two more operators: "brief" (for a minute) and "expired".
  static std::string token(const std::string& principal);
  static std::vector<security::TokenEntry> tokens();

  // A request on TCP with this principal's token; "" sends none.
  Answer call(const std::string& principal, std::string_view method, const std::string& path,
              std::string_view body = {}, std::vector<net::Header> headers = {});
  Answer get(const std::string& path, const std::string& principal = "operator") {
    return call(principal, "GET", path);
  }
  // POST /v1/events as application/json.
  Answer push(std::string_view body, const std::string& principal = "operator",
              std::vector<net::Header> headers = {});
  // The id of an event that is accepted.
  std::string push_id(std::string_view body);
  Answer call_unix(std::string_view method, const std::string& path, std::string_view body,
                   std::vector<net::Header> headers);
  // A client of one's own, for threads.
  [[nodiscard]] net::ApiClient connect() const;
  static Answer ask(net::ApiClient& client, std::string_view method, const std::string& path,
                    std::string_view body, const std::vector<net::Header>& headers);

  // An item in a team's notification centre, everyone's or one user's.
  InboxSeq put_item(const std::string& team, const std::string& key, const std::string& user = "");
  // Ends up to `limit` waiting deliveries of a channel of demo with an attempt that gave `state`.
  void finish_waiting(std::size_t channel, DeliveryState state, std::size_t limit = 100);
  // Runs `work` on the API thread and waits.
  void on_api_thread(const std::function<void()>& work);
  void use_state(std::vector<plugin::PluginState> plugins);
  static std::shared_ptr<ServiceState> make_state(std::vector<plugin::PluginState> plugins);

  [[nodiscard]] const ingest::TeamRoutes& routes(const std::string& team) const {
    return table_->teams.at(team);
  }

  std::size_t listeners_;  // how many streams may be open
  ManualClock clock_;
  std::shared_ptr<const Catalogue> catalogue_ = ingest::small_catalogue();
  store::TempDirectory directory_;
  std::shared_ptr<ingest::RoutingTable> table_ = std::make_shared<ingest::RoutingTable>();
  ScriptedEditor editor_;
  ScriptedRotation rotation_;
  std::optional<sandbox::SandboxStatus> sandbox_;  // of every plugin
  std::string reset_;                              // the path of the plugin that was
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<store::ReaderPool> readers_;
  std::unique_ptr<delivery::Engine> engine_;
  std::unique_ptr<ingest::Intake> intake_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<net::ApiClient> client_;
};

// A problem document of this status and kind, in form and media type.
void expect_problem(const Answer& answer, int status, const std::string& kind);

inline constexpr std::string_view kScanFailed = R"({"team":"demo","type":"scan.failed"})";

}  // namespace tocsin::api
