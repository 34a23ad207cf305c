// See api_fixture.hpp.
#include "api/api_fixture.hpp"

#include <algorithm>
#include <future>

#include "config/draft_rule.hpp"

namespace tocsin::api {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::shared_ptr<const plugin::ChannelType> webhook_type() {
  auto type = std::make_shared<plugin::ChannelType>();
  type->type = "webhook";
  type->name = "Webhook";
  type->summary = "Posts events to a URL";
  type->version = "1.0.0";
  type->schema_json = R"({"type":"object","properties":{"url":{"type":"string"}}})";
  return type;
}

// k1 seals; k0's file is lost.
std::shared_ptr<const security::KeyRing> make_keys() {
  std::vector<security::MasterKey> keys;
  keys.push_back({"k0", security::Secret(), "its file is not there"});
  keys.push_back({"k1", security::Secret(std::string(32, 'k'))});
  return std::make_shared<const security::KeyRing>(
      store::must(security::KeyRing::create(std::move(keys), "k1")));
}

// What demo has; platform's channel has the same name.
std::shared_ptr<const ObjectViews> make_objects() {
  using store::ObjectKind;
  return std::make_shared<const ObjectViews>(ObjectViews{
      {"demo", ObjectKind::kDefaultAlerts, std::string(kDefaultAlertsName), R"({"alerts":[]})", ""},
      {"demo", ObjectKind::kChannel, "audit", R"({"name":"audit","type":"webhook"})", "\"1.1\""},
      {"demo", ObjectKind::kRule, "audit", R"({"name":"audit","channels":["audit"]})", ""},
      {"demo", ObjectKind::kSilence, "audit", R"({"name":"audit"})", ""},
      {"platform", ObjectKind::kChannel, "audit", R"({"name":"audit","type":"theirs"})", ""}});
}

}  // namespace

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::string Answer::at(std::string_view pointer) const {
  boost::system::error_code missing;
  const auto* value = json.find_pointer(pointer, missing);
  if (value == nullptr) return {};
  return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
}

std::size_t Answer::size_at(std::string_view pointer) const {
  boost::system::error_code missing;
  const auto* value = json.find_pointer(pointer, missing);
  return value == nullptr || !value->is_array() ? 0 : value->get_array().size();
}

void expect_problem(const Answer& answer, int status, const std::string& kind) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/problem+json") << answer.body;
  EXPECT_EQ(answer.at("/type"), "/problems/" + kind) << answer.body;
  EXPECT_EQ(answer.at("/status"), std::to_string(status)) << answer.body;
  EXPECT_NE(answer.at("/title"), "") << answer.body;
  EXPECT_NE(answer.at("/detail"), "") << answer.body;
  EXPECT_TRUE(answer.at("/instance").starts_with("req_")) << answer.body;
}

// ---- the house

void ApiTest::SetUp() {
  auto store = store::must(store::open_sqlite({.directory = directory_.path(), .ballast_bytes = 0}));
  table_->catalogue = catalogue_;
  ingest::add_team(*store, *table_, ingest::demo_team());
  ingest::add_team(*store, *table_, ingest::platform_team());
  std::vector<std::unique_ptr<store::Reader>> readers;
  readers.push_back(store::must(store->open_reader()));
  readers.push_back(store::must(store->open_reader()));
  const auto last_number = store->last_number();
  writer_ = std::make_unique<store::Writer>(std::move(store), clock_, store::WriterOptions{});
  readers_ = std::make_unique<store::ReaderPool>(std::move(readers));
  engine_ = std::make_unique<delivery::Engine>(*writer_, clock_, delivery::EngineOptions{});
  std::vector<delivery::ChannelSetup> channels(1);
  channels[0].id = routes("demo").channels[0];
  channels[0].team = "demo";
  channels[0].name = "audit";
  channels[0].type = "webhook";
  channels[0].unavailable = "its plugin is \"missing\"";
  engine_->configure(std::move(channels), {});
  intake_ = std::make_unique<ingest::Intake>(
      *writer_, clock_, [](ChannelId) { return false; }, last_number, ingest::EventLimits{});
  intake_->use(table_);
  service_ = std::make_unique<Service>(
      Collaborators{clock_,
                    *intake_,
                    *writer_,
                    *readers_,
                    *engine_,
                    [] { return std::string("# EOF\n"); },
                    [this](std::function<void()> work) { server_->post(std::move(work)); },
                    {.listeners = listeners_},
                    &editor_,
                    &rotation_,
                    {},
                    [this](const std::string&) { return sandbox_; },
                    [this](const std::string& path) {
                      reset_ = path;
                      return Result<void>();
                    },
                    config::draft_rule});
  service_->use(make_state({}));
  net::ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.socket = directory_.path() + "/api.sock";
  server_ =
      store::must(net::HttpServer::open(options, [this](net::HttpRequest request, net::Responder responder) {
        service_->handle(std::move(request), std::move(responder));
      }));
  writer_->on_accepted([this](auto events, auto results) { engine_->offer(events, results); });
  writer_->on_inbox_changes(
      [this](std::vector<InboxChange> changes) { service_->publish(std::move(changes)); });
  writer_->start();
  engine_->start();
  server_->start();
}

void ApiTest::TearDown() {
  client_.reset();
  if (server_) server_->stop(0);
  if (engine_) engine_->drain(0);
  if (readers_) readers_->stop();
  if (writer_) writer_->stop();
}

std::string ApiTest::token(const std::string& principal) {
  std::string token = "tcs_" + principal;
  token.resize(47, 'x');
  return token;
}

std::vector<security::TokenEntry> ApiTest::tokens() {
  using security::Role;
  std::vector<security::TokenEntry> entries;
  const auto add = [&](const std::string& name, Role role, std::vector<std::string> teams,
                       std::int64_t expires_ms = 0) {
    entries.push_back({security::hash_token(token(name)), {name, role, std::move(teams)}, expires_ms});
  };
  add("service", Role::kService, {"demo"});
  add("member", Role::kMember, {"demo"});
  add("admin", Role::kAdmin, {"demo"});
  add("alice", Role::kMember, {"demo"});
  entries.push_back({security::hash_token(token("laptop")), {"laptop", Role::kMember, {"demo"}, "bob"}, 0});
  add("other", Role::kMember, {"platform"});
  add("other-admin", Role::kAdmin, {"platform"});
  add("both", Role::kService, {"demo", "platform"});
  add("platform", Role::kService, {"platform"});
  add("operator", Role::kOperator, {});
  add("brief", Role::kOperator, {}, ManualClock().unix_ms() + 60'000);
  add("expired", Role::kOperator, {}, ManualClock().unix_ms());
  return entries;
}

// ---- requests

net::ApiClient ApiTest::connect() const {
  return store::must(net::ApiClient::connect("http://" + server_->addresses().at(0)));
}

Answer ApiTest::ask(net::ApiClient& client, std::string_view method, const std::string& path,
                    std::string_view body, const std::vector<net::Header>& headers) {
  const auto got = client.call(method, path, headers, body);
  if (!got) {
    ADD_FAILURE() << method << ' ' << path << ": " << got.error().detail;
    return {};
  }
  Answer answer{got->status, {}, got->body, nullptr};
  for (const auto& header : got->headers) answer.headers[lower(header.name)] = header.value;
  boost::system::error_code no_json;
  answer.json = boost::json::parse(answer.body, no_json);
  return answer;
}

Answer ApiTest::call(const std::string& principal, std::string_view method, const std::string& path,
                     std::string_view body, std::vector<net::Header> headers) {
  if (!client_) client_ = std::make_unique<net::ApiClient>(connect());
  if (!principal.empty()) headers.push_back({"Authorization", "Bearer " + token(principal)});
  return ask(*client_, method, path, body, headers);
}

Answer ApiTest::push(std::string_view body, const std::string& principal, std::vector<net::Header> headers) {
  headers.push_back({"Content-Type", "application/json"});
  return call(principal, "POST", "/v1/events", body, std::move(headers));
}

std::string ApiTest::push_id(std::string_view body) {
  const Answer answer = push(body);
  EXPECT_EQ(answer.status, 202) << answer.body;
  return answer.at("/id");
}

Answer ApiTest::call_unix(std::string_view method, const std::string& path, std::string_view body,
                          std::vector<net::Header> headers) {
  auto client = store::must(net::ApiClient::connect("unix:" + directory_.path() + "/api.sock"));
  return ask(client, method, path, body, headers);
}

// ---- what happens meanwhile

InboxSeq ApiTest::put_item(const std::string& team, const std::string& key, const std::string& user) {
  InboxItem item;
  item.team = routes(team).id;
  item.user = user;
  item.key = key;
  item.type = "scan.failed";
  item.source = "registry";
  item.severity = Severity::kHigh;
  item.title = "about " + key;
  std::promise<InboxSeq> stored;
  writer_->write_inbox(std::move(item), [&](auto written) { stored.set_value(written ? written->item : 0); });
  return stored.get_future().get();
}

void ApiTest::finish_waiting(std::size_t channel, DeliveryState state, std::size_t limit) {
  std::promise<std::vector<store::Claimed>> claimed;
  writer_->claim(routes("demo").channels.at(channel), limit, [&](auto result) {
    claimed.set_value(result ? std::move(*result) : std::vector<store::Claimed>());
  });
  for (const auto& each : claimed.get_future().get()) {
    auto finish = store::make_finish(each.delivery, each.tries, state, clock_.unix_ms() + 5000);
    finish.channel = routes("demo").channels.at(channel);
    std::promise<bool> done;
    writer_->finish(std::move(finish), [&](auto applied) { done.set_value(applied && *applied); });
    EXPECT_TRUE(done.get_future().get());
  }
}

void ApiTest::on_api_thread(const std::function<void()>& work) {
  std::promise<void> done;
  server_->post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void ApiTest::use_state(std::vector<plugin::PluginState> plugins) {
  on_api_thread([&] { service_->use(make_state(std::move(plugins))); });
}

std::shared_ptr<ServiceState> ApiTest::make_state(std::vector<plugin::PluginState> plugins) {
  auto state = std::make_shared<ServiceState>();
  state->tokens = tokens();
  state->plugins = std::move(plugins);
  state->types = {webhook_type()};
  state->keys = make_keys();
  state->objects = make_objects();
  return state;
}

}  // namespace tocsin::api
