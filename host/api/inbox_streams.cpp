// See inbox_streams.hpp. What EventSource makes of answers decides their form: any status but 200 ends it for
// good, so even "too many" is a 200 that asks to come back later.
#include "api/inbox_streams.hpp"

#include <utility>

#include "inbox/frames.hpp"
#include "ops/log.hpp"

namespace tocsin::api {
namespace {

constexpr std::size_t kReadAtOnce = 200;  // changes of one look into the store
constexpr int kMostRounds = 50;  // 10,000 changes: then the list is loaded faster than they are replayed
constexpr std::int64_t kRetryMs = 2'000;  // and up to as much again, so that not all come back at once
constexpr std::int64_t kBusyRetryMs = 60'000;

class StreamListener : public inbox::Listener {
 public:
  // `gone`: called where a frame finds that the peer is gone; must not end this listener at once.
  StreamListener(std::unique_ptr<net::Stream> stream, std::function<void()> gone)
      : stream_(std::move(stream)), gone_(std::move(gone)) {}
  bool send(std::span<const inbox::Frame> frames) override {
    if (stream_->send(frames)) return true;
    gone_();
    return false;
  }

 private:
  std::unique_ptr<net::Stream> stream_;
  std::function<void()> gone_;
};

net::HttpResponse stream_head() {
  net::HttpResponse head;
  head.content_type = "text/event-stream";
  // For a reverse proxy that would gather the stream (nginx).
  head.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  return head;
}

net::Frame constant(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace

InboxStreams::InboxStreams(store::ReaderPool& readers, Post post, inbox::HubOptions options)
    : readers_(readers), post_(std::move(post)), hub_(post_, options), random_(std::random_device{}()) {}

std::int64_t InboxStreams::retry_ms() {
  return kRetryMs + static_cast<std::int64_t>(random_() % kRetryMs);
}

void InboxStreams::open(StreamCall call, net::Responder responder) {
  const auto id = hub_.join(call.team, call.user);
  if (!id) {
    net::HttpResponse busy = stream_head();
    busy.body =
        "retry: " + std::to_string(kBusyRetryMs) + '\n' + inbox::sse_frame("busy", "{}", std::nullopt);
    busy.close = true;
    responder.send(std::move(busy));
    return;
  }
  static const net::Frame kIdle = constant(":\n\n");
  net::StreamOptions options;
  options.idle = kIdle;
  options.last =
      constant("retry: " + std::to_string(retry_ms()) + '\n' + inbox::sse_frame("bye", "{}", std::nullopt));
  options.lives_ms = call.lives_ms;
  options.on_closed = [this, id = *id] { leave(id); };
  auto stream = responder.stream(stream_head(), std::move(options));
  if (!stream) return hub_.leave(*id);
  const auto client = std::make_shared<Client>();
  client->call = std::move(call);
  client->id = *id;
  client->listener = std::make_unique<StreamListener>(std::move(stream),
                                                      [this, id = *id] { post_([this, id] { leave(id); }); });
  clients_.emplace(*id, client);
  open_ = clients_.size();
  if (const auto after = inbox::read_event_id(client->call.last_event_id)) {
    client->after = *after;
    client->opened = true;
    if (!say(client, inbox::opening_frame(retry_ms(), *after, false))) return;
    if (hub_.go_live(client->id, *after, false, client->listener)) return;
  }
  read_store(client);
}

void InboxStreams::read_store(const ClientPtr& client) {
  // Without a place to resume from only the newest number is wanted.
  const InboxSeq after = client->opened ? client->after : INT64_MAX;
  readers_.run([this, client, after](store::Reader& reader) {
    auto read = reader.list_inbox_changes(client->call.team, client->call.user, after, kReadAtOnce);
    post_([this, client, read = std::move(read)]() mutable { take(client, std::move(read)); });
  });
}

void InboxStreams::take(const ClientPtr& client, Result<InboxChanges> read) {
  if (!clients_.contains(client->id)) return;  // gone meanwhile
  if (!read) {
    ops::log_warn("api", "a notification stream cannot be read from the store",
                  {{"reason", read.error().detail}});
    return leave(client->id);  // it comes back
  }
  const bool came_new = !client->opened && client->call.last_event_id.empty();
  if (came_new) {
    client->opened = true;
    client->after = read->last;
    if (!say(client, inbox::opening_frame(retry_ms(), read->last, false))) return;
  } else if (!client->opened || client->after > read->last || client->after < read->trimmed ||
             ++client->rounds > kMostRounds) {
    return start_anew(client, read->last);
  } else {
    std::string missed;
    for (const InboxChange& change : read->changes) missed += inbox::change_frame(change);
    client->after = read->more && !read->changes.empty() ? read->changes.back().seq : read->last;
    if (!say(client, std::move(missed))) return;
    if (read->more) return read_store(client);
  }
  if (!hub_.go_live(client->id, client->after, true, client->listener)) read_store(client);
}

// What the client has may be incomplete: it is told so, and follows from here.
void InboxStreams::start_anew(const ClientPtr& client, InboxSeq last) {
  client->opened = true;
  client->after = last;
  if (!say(client, inbox::opening_frame(retry_ms(), last, true))) return;
  if (!hub_.go_live(client->id, last, true, client->listener)) read_store(client);
}

bool InboxStreams::say(const ClientPtr& client, std::string text) {
  const inbox::Frame frame = constant(std::move(text));
  return client->listener->send({&frame, 1});
}

void InboxStreams::leave(inbox::Hub::Id id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  const ClientPtr client = std::move(found->second);  // its stream ends when the tables are right again
  clients_.erase(found);
  open_ = clients_.size();
  hub_.leave(id);
}

void InboxStreams::publish(std::vector<InboxChange> changes) {
  // Who joins after this look reads the store, which has them: the count was raised before that reading
  // began, and this look comes after the commit. Both orders need sequential consistency.
  if (size() == 0) return;
  post_([this, changes = std::move(changes)] { hub_.publish(changes); });
}

void InboxStreams::recheck(const std::function<const security::Principal*(const StreamCall&)>& find) {
  std::vector<inbox::Hub::Id> gone;
  for (const auto& [id, client] : clients_) {
    const auto* principal = find(client->call);
    const bool may = principal != nullptr && principal->may(security::Permission::kReadInbox) &&
                     principal->sees(client->call.team_name) && principal->acts_for() == client->call.user;
    if (!may) gone.push_back(id);
  }
  for (const auto id : gone) leave(id);
}

void InboxStreams::end(const security::TokenHash& session) {
  std::vector<inbox::Hub::Id> gone;
  for (const auto& [id, client] : clients_) {
    if (client->call.session == session) gone.push_back(id);
  }
  for (const auto id : gone) leave(id);
}

}  // namespace tocsin::api
