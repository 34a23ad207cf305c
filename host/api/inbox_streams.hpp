// The notification centre, live: GET /v1/teams/{team}/inbox/stream as Server-Sent Events. It joins the hub,
// gives who resumes what was missed (from memory, else from the store) and hands over to the hub without a
// gap. A stream is a hint: the list is the truth, and `reset` says when to load it anew. All of it on [api]
// unless said otherwise.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "inbox/hub.hpp"
#include "net/http_server.hpp"
#include "security/principal.hpp"
#include "store/writer.hpp"

namespace tocsin::api {

// Who asks, and for what.
struct StreamCall {
  TeamId team = 0;
  std::string team_name;
  std::string user;
  std::optional<security::TokenHash> token;
  std::optional<security::TokenHash> session;  // of the console, instead of a token
  std::uint32_t uid = 0;                       // of the Unix socket's peer, where there is neither
  std::int64_t lives_ms = 0;                   // until the token expires; 0: it does not
  std::string last_event_id;                   // as sent; empty: none
};

class InboxStreams {
 public:
  // `post` runs work on [api], from any thread.
  using Post = std::function<void(std::function<void()>)>;
  InboxStreams(store::ReaderPool& readers, Post post, inbox::HubOptions options);

  void open(StreamCall call, net::Responder responder);
  // [store] After the commit that made them.
  void publish(std::vector<InboxChange> changes);
  // Ends the streams of whoever is gone or may not any more. `find`: who it is by now, nullptr: nobody.
  void recheck(const std::function<const security::Principal*(const StreamCall&)>& find);
  // Ends the streams of a console session that signed out.
  void end(const security::TokenHash& session);
  [[nodiscard]] std::size_t size() const { return open_; }  // [any]

 private:
  struct Client {
    StreamCall call;
    inbox::Hub::Id id = 0;
    std::unique_ptr<inbox::Listener> listener;  // until it is the hub's
    InboxSeq after = 0;
    bool opened = false;  // the first frame went out
    int rounds = 0;       // of reading the store
  };
  using ClientPtr = std::shared_ptr<Client>;

  void read_store(const ClientPtr& client);
  void take(const ClientPtr& client, Result<InboxChanges> read);
  bool say(const ClientPtr& client, std::string text);
  void start_anew(const ClientPtr& client, InboxSeq last);
  void leave(inbox::Hub::Id id);
  [[nodiscard]] std::int64_t retry_ms();

  store::ReaderPool& readers_;
  const Post post_;
  inbox::Hub hub_;
  std::unordered_map<inbox::Hub::Id, ClientPtr> clients_;
  std::atomic<std::size_t> open_{0};
  std::minstd_rand random_;
};

}  // namespace tocsin::api
