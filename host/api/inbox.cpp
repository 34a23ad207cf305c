// /v1/teams/{team}/inbox: the notification centre of the caller, who acts for one user. Reads answer from a
// reading thread; marks go to the writer and answer with the counts that a badge shows. See service.hpp for
// threads.
#include <array>
#include <boost/json.hpp>

#include "api/json_body.hpp"
#include "api/page.hpp"
#include "api/service.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxMarked = 200;  // items of one request: a page

// ---- what is asked

std::optional<store::InboxFilter::Marks> find_marks(std::string_view name) {
  using Marks = store::InboxFilter::Marks;
  constexpr std::array<std::pair<std::string_view, Marks>, 4> kNames{{{"unread", Marks::kUnread},
                                                                      {"read", Marks::kRead},
                                                                      {"archived", Marks::kArchived},
                                                                      {"all", Marks::kAll}}};
  for (const auto& [known, marks] : kNames) {
    if (known == name) return marks;
  }
  return std::nullopt;
}

Result<store::InboxFilter> read_filter(const net::HttpRequest& request, TeamId team,
                                       const std::string& user) {
  store::InboxFilter filter;
  filter.team = team;
  filter.user = user;
  if (const auto name = request.parameter("filter")) {
    const auto marks = find_marks(*name);
    if (!marks) {
      return bad_place("filter", "must be unread, read, archived or all; without it, what is not archived");
    }
    filter.marks = *marks;
  }
  if (const auto name = request.parameter("severity")) {
    filter.severity = find_severity(*name);
    if (!filter.severity) return bad_place("severity", "must be critical, high, medium, low or info");
  }
  if (const auto name = request.parameter("category")) {
    filter.category = find_category(*name);
    if (!filter.category) {
      return bad_place("category", "must be security_alert, system_notification or system_error");
    }
  }
  if (const auto source = request.parameter("source")) filter.source = *source;
  if (const auto type = request.parameter("type")) filter.type = *type;
  if (const auto cursor = request.parameter("cursor")) {
    const auto before = parse_item_id(*cursor);
    if (!before) return bad_place("cursor", "is not one this API gave out");
    filter.before = *before;
  }
  const auto limit = read_limit(request);
  if (!limit) return limit.error();
  filter.limit = *limit;
  return filter;
}

// The body's one member, where the body is an object of just that.
Result<json::value> read_member(const net::HttpRequest& request, std::string_view name) {
  auto body =
      read_object(request.body, std::string("a JSON object such as ") +
                                    (name == "items" ? R"({"items":["itm_…"]})" : R"({"up_to":"itm_…"})"));
  if (!body) return body.error();
  for (const auto& member : *body) {
    if (member.key() != name) return bad_place(pointer_to(member.key()), "is not known here: remove it");
  }
  auto* value = body->if_contains(name);
  if (value == nullptr) return bad_place("/" + std::string(name), "is missing");
  return std::move(*value);
}

Result<InboxSeq> read_item_id(const json::value& value, const std::string& pointer) {
  const auto* text = value.if_string();
  const auto seq = text == nullptr ? std::nullopt : parse_item_id(std::string_view(*text));
  if (!seq) return bad_place(pointer, "must be the id of an item: itm_ and 13 digits");
  return *seq;
}

Result<std::vector<InboxSeq>> read_items(const net::HttpRequest& request) {
  const auto items = read_member(request, "items");
  if (!items) return items.error();
  const auto* list = items->if_array();
  if (list == nullptr || list->empty() || list->size() > kMaxMarked) {
    return bad_place("/items", "must be an array of 1 to 200 ids of items");
  }
  std::vector<InboxSeq> seqs;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto seq = read_item_id((*list)[i], "/items/" + std::to_string(i));
    if (!seq) return seq.error();
    seqs.push_back(*seq);
  }
  return seqs;
}

// ---- what is answered

std::string render_counts(const InboxCounts& counts) {
  return "{\"total\":" + std::to_string(counts.total) + ",\"unread\":" + std::to_string(counts.unread) +
         ",\"unseen\":" + std::to_string(counts.unseen) + '}';
}

std::string render_page(const store::InboxPage& page) {
  std::string out = "{\"items\":[";
  for (std::size_t i = 0; i < page.entries.size(); ++i) {
    if (i != 0) out += ',';
    append_inbox_item(out, page.entries[i].item, page.entries[i].marks);
  }
  out += "],\"next\":";
  out += page.next == 0 ? "null" : "\"" + format_item_id(page.next) + "\"";
  out += '}';
  return out;
}

std::string render_marked(const store::InboxWritten& written, const InboxCounts& counts) {
  std::string out = "{\"changed\":" + std::to_string(written.changed) + ",\"unknown\":[";
  for (std::size_t i = 0; i < written.unknown.size(); ++i) {
    out += (i == 0 ? "\"" : ",\"") + format_item_id(written.unknown[i]) + '"';
  }
  out += "],\"counts\":" + render_counts(counts) + '}';
  return out;
}

void send_json(net::Responder& to, std::string body) {
  net::HttpResponse response;
  response.body = std::move(body);
  to.send(std::move(response));
}

}  // namespace

void Service::add_inbox_endpoints() {
  using security::Permission;
  const auto add = [this](std::string_view method, std::string_view path, auto handle) {
    endpoints_.push_back({method, path, Permission::kReadInbox, [this, handle](Call call, net::Responder to) {
                            handle(*this, std::move(call), std::move(to));
                          }});
  };
  const auto add_mark = [&add](std::string_view path, InboxAction action) {
    add("POST", path, [action](Service& self, Call call, net::Responder to) {
      self.mark_inbox(action, std::move(call), std::move(to));
    });
  };
  add("GET", "/v1/teams/{team}/inbox",
      [](Service& self, Call call, net::Responder to) { self.list_inbox(std::move(call), std::move(to)); });
  add("GET", "/v1/teams/{team}/inbox/counts",
      [](Service& self, Call call, net::Responder to) { self.count_inbox(std::move(call), std::move(to)); });
  add("GET", "/v1/teams/{team}/inbox/stream",
      [](Service& self, Call call, net::Responder to) { self.stream_inbox(std::move(call), std::move(to)); });
  add_mark("/v1/teams/{team}/inbox/seen", InboxAction::kSeen);
  add_mark("/v1/teams/{team}/inbox/unseen", InboxAction::kUnseen);
  add_mark("/v1/teams/{team}/inbox/read", InboxAction::kRead);
  add_mark("/v1/teams/{team}/inbox/unread", InboxAction::kUnread);
  add_mark("/v1/teams/{team}/inbox/archive", InboxAction::kArchive);
  add_mark("/v1/teams/{team}/inbox/unarchive", InboxAction::kUnarchive);
  add_mark("/v1/teams/{team}/inbox/read-all", InboxAction::kReadAll);
}

void Service::list_inbox(Call call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  auto filter = read_filter(call.request, team->id, call.principal->acts_for());
  if (!filter) {
    responder.send(net::make_problem(filter.error(), call.request.id));
    return;
  }
  answer_reading(call, std::move(responder),
                 [filter = std::move(*filter)](store::Reader& reader) -> Result<std::string> {
                   const auto page = reader.list_inbox(filter);
                   if (!page) return page.error();
                   return render_page(*page);
                 });
}

void Service::stream_inbox(Call call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  StreamCall stream;
  stream.team = team->id;
  stream.team_name = call.arguments[0];
  stream.user = call.principal->acts_for();
  stream.last_event_id = call.request.header("last-event-id");
  if (const auto token = bearer_token(call.request); !token.empty()) {
    stream.token = security::hash_token(token);
  }
  stream.session = call.session;
  stream.uid = call.request.peer.uid;
  if (call.principal->expires_ms != 0) stream.lives_ms = call.principal->expires_ms - with_.clock.unix_ms();
  streams_.open(std::move(stream), std::move(responder));
}

void Service::count_inbox(Call call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  answer_reading(
      call, std::move(responder),
      [team = team->id, user = call.principal->acts_for()](store::Reader& reader) -> Result<std::string> {
        const auto counts = reader.count_inbox(team, user);
        if (!counts) return counts.error();
        return render_counts(*counts);
      });
}

void Service::mark_inbox(InboxAction action, Call call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  store::InboxMarking marking{team->id, call.principal->acts_for(), action, {}, 0};
  std::optional<Error> fault;
  if (action == InboxAction::kReadAll) {
    const auto up_to = read_member(call.request, "up_to");
    const auto seq = up_to ? read_item_id(*up_to, "/up_to") : up_to.error();
    if (seq) {
      marking.up_to = *seq;
    } else {
      fault = seq.error();
    }
  } else if (auto items = read_items(call.request)) {
    marking.items = std::move(*items);
  } else {
    fault = items.error();
  }
  if (fault) {
    responder.send(net::make_problem(*fault, call.request.id));
    return;
  }
  send_marking(std::move(marking), call.request.id, std::move(responder));
}

void Service::send_marking(store::InboxMarking marking, std::string request_id, net::Responder responder) {
  const bool is_read_all = marking.action == InboxAction::kReadAll;
  auto answer = [&readers = with_.readers, is_read_all, team = marking.team, user = marking.user,
                 id = std::move(request_id), to = std::make_shared<net::Responder>(std::move(responder))](
                    Result<store::InboxWritten> written) {
    if (written && is_read_all && !written->unknown.empty()) {
      written = bad_place("/up_to", "there is no item of this id yet: name one that the list gave out");
    }
    if (!written) {
      to->send(net::make_problem(written.error(), id));
      return;
    }
    readers.run([team, user, id, to, written = std::move(*written)](store::Reader& reader) {
      const auto counts = reader.count_inbox(team, user);
      if (counts) {
        send_json(*to, render_marked(written, *counts));
      } else {
        to->send(net::make_problem(counts.error(), id));
      }
    });
  };
  with_.writer.write_inbox(std::move(marking), std::move(answer));
}

}  // namespace tocsin::api
