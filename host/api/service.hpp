// The HTTP surface: authenticates, looks up the endpoint, checks its policy, calls it. Lives on the API
// thread and never waits: what needs the disk goes to the writer or to a reading thread and answers from
// there.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/endpoint.hpp"
#include "api/inbox_streams.hpp"
#include "api/key_rotation.hpp"
#include "api/object_editor.hpp"
#include "api/token_book.hpp"
#include "delivery/engine.hpp"
#include "ingest/intake.hpp"
#include "model/clock.hpp"
#include "plugin/plugin_set.hpp"
#include "sandbox/status.hpp"
#include "security/key_ring.hpp"
#include "security/principal.hpp"
#include "security/session_table.hpp"
#include "store/writer.hpp"

namespace tocsin::api {

// config::draft_rule: the team's definition with one rule more or another, read as if it were saved. [api]
using DraftRule = std::function<Result<routing::TeamDefinition>(
    const routing::TeamDefinition& team, const std::string& name, const std::string& body,
    const std::shared_ptr<const Catalogue>& catalogue)>;

// What the endpoints borrow; must outlive the service.
struct Collaborators {
  const Clock& clock;
  ingest::Intake& intake;
  store::Writer& writer;
  store::ReaderPool& readers;
  delivery::Engine& engine;
  std::function<std::string()> metrics;  // [api] OpenMetrics text
  InboxStreams::Post post;               // [any] runs work on [api]
  inbox::HubOptions streams{};
  ObjectEditor* editor = nullptr;                         // null: teams' objects cannot be changed
  KeyRotation* rotation = nullptr;                        // null: keys cannot be rotated
  std::function<std::vector<std::string>()> addresses{};  // [api] where the server listens on TCP
  // [any] Of the plugin with that path; nothing: it runs in the daemon's own process.
  std::function<std::optional<sandbox::SandboxStatus>(const std::string& path)> sandbox{};
  std::function<Result<void>(const std::string& path)> reset_plugin{};  // [any] ends its quarantine
  DraftRule draft_rule{};
};

// What a reload replaces, whole.
struct ServiceState {
  std::vector<security::TokenEntry> tokens;  // the file's
  std::vector<security::Peer> peers;
  std::vector<plugin::PluginState> plugins;
  std::vector<std::shared_ptr<const plugin::ChannelType>> types;
  std::shared_ptr<const security::KeyRing> keys = std::make_shared<const security::KeyRing>();  // never null
  std::shared_ptr<const ObjectViews> objects = std::make_shared<const ObjectViews>();           // never null
};

class Service {
 public:
  explicit Service(Collaborators collaborators);

  // [api]
  void use(std::shared_ptr<const ServiceState> state);
  // Before anything is served: the tokens that were made over the API.
  void use_tokens(std::vector<store::TokenRecord> tokens) { tokens_.use_stored(std::move(tokens)); }
  // Likewise: who was signed in to the console.
  void use_sessions(const std::vector<store::SessionRecord>& sessions);
  // Hands on when tokens were last used, now and then; `all`: what there is. Also where the server has ended.
  void write_token_uses(bool all);
  // [store] What the notification centre's streams tell.
  void publish(std::vector<InboxChange> changes) { streams_.publish(std::move(changes)); }
  [[nodiscard]] std::size_t open_streams() const { return streams_.size(); }  // [any]
  // [any] Not ready any more: /readyz says so and intake answers 503.
  void start_draining() { draining_ = true; }

  // [api] The server's handler.
  void handle(net::HttpRequest request, net::Responder responder);

  // The table, for the authorization tests.
  [[nodiscard]] const std::vector<Endpoint>& endpoints() const { return endpoints_; }

 private:
  [[nodiscard]] const security::Principal* find_peer(std::uint32_t uid) const;
  void recheck_streams();
  void add_event_endpoints();
  void add_delivery_endpoints();
  void add_redelivery_endpoints();
  void add_audit_endpoints();
  void add_rehearsal_endpoint();
  void add_preview_endpoint();
  void add_event_list_endpoint();
  void add_overview_endpoint();
  void add_export_endpoint();
  void add_channel_endpoints();
  void add_object_endpoints();
  void add_inbox_endpoints();
  void add_key_endpoints();
  void add_token_endpoints();
  void add_status_endpoints();
  void add_plugin_endpoints();
  void add_console_endpoints();

  // 200 with what `read` gives, or its error. `read` runs on a reading thread.
  void answer_reading(const Call& call, net::Responder responder,
                      std::function<Result<std::string>(store::Reader&)> read);

  void post_event(Call call, net::Responder responder);
  void get_event(Call call, net::Responder responder);
  void explain_event(Call call, net::Responder responder);
  void list_deliveries(Call call, net::Responder responder);
  void get_delivery(Call call, net::Responder responder);
  void audit(const Endpoint& endpoint, const Call& call, net::Responder& responder);
  void list_audit(std::optional<TeamId> team, const Call& call, net::Responder responder);
  void rehearse(const Call& call, net::Responder responder);
  void preview_rule(const Call& call, net::Responder responder);
  void list_events(const Call& call, net::Responder responder);
  void get_overview(const Call& call, net::Responder responder);
  void export_team(const Call& call, net::Responder responder);
  void with_delivery(Call call, net::Responder responder,
                     std::function<void(store::DeliveryRecord, std::shared_ptr<net::Responder>)> go_on);
  void redeliver(Call call, net::Responder responder);
  void redeliver_many(Call call, net::Responder responder);
  void reopen_from(std::shared_ptr<std::vector<DeliveryId>> found, std::size_t at, const std::string& request,
                   const std::shared_ptr<net::Responder>& to);
  void give_back(store::Store& store, const store::DeliveryRecord& record);
  void cancel_delivery(Call call, net::Responder responder);
  void list_objects(store::ObjectKind kind, Call call, net::Responder responder);
  void get_object(store::ObjectKind kind, Call call, net::Responder responder);
  void change_object(ObjectChange::Verb verb, store::ObjectKind kind, Call call, net::Responder responder);
  void get_channel_status(Call call, net::Responder responder);
  void test_channel(Call call, net::Responder responder);
  void list_inbox(Call call, net::Responder responder);
  void count_inbox(Call call, net::Responder responder);
  void mark_inbox(InboxAction action, Call call, net::Responder responder);
  void stream_inbox(Call call, net::Responder responder);
  void send_marking(store::InboxMarking marking, std::string request_id, net::Responder responder);
  void rotate_keys(const Call& call, net::Responder responder);
  void send_keys(int status, const Call& call, net::Responder responder);
  void list_tokens(const Call& call, net::Responder responder);
  void create_token(const Call& call, net::Responder responder);
  void revoke_token(const Call& call, net::Responder responder);
  void end_token(const std::string& name, std::int64_t revoked_ms, net::Responder& to);
  [[nodiscard]] std::optional<Error> refuse_token(const store::TokenRecord& token) const;
  [[nodiscard]] std::vector<std::string> teams_of_token(const Call& call) const;
  void get_ready(Call call, net::Responder responder);
  void get_plugins(Call call, net::Responder responder);
  void reset_plugin(const Call& call, net::Responder responder);
  void get_channel_types(Call call, net::Responder responder);
  void get_event_types(Call call, net::Responder responder);
  void make_console_login(Call call, net::Responder responder);
  void open_console_session(Call call, net::Responder responder);
  void end_console_session(Call call, net::Responder responder);
  void get_console_me(Call call, net::Responder responder);

  // The team of the path, where the caller sees it; else nullptr and the answer was given. Until the next
  // reload.
  const ingest::TeamRoutes* find_team(const Call& call, net::Responder& responder) const;
  // Who calls: by the token, else by the console's cookie, else by the Unix socket's peer. Fills principal
  // and session of the call; no principal: nobody we know.
  void authenticate(Call& call);
  // The store's numbers of the teams a principal sees; nullopt: all of them.
  [[nodiscard]] std::optional<std::vector<TeamId>> visible_teams(const security::Principal& principal) const;

  Collaborators with_;
  std::shared_ptr<const ServiceState> state_;
  TokenBook tokens_;
  std::atomic<bool> draining_ = false;
  security::Principal local_operator_;
  std::uint32_t own_uid_;
  std::vector<Endpoint> endpoints_;
  InboxStreams streams_;
  security::SessionTable sessions_;
};

}  // namespace tocsin::api
