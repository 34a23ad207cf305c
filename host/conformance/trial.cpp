// See trial.hpp.
#include "conformance/trial.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

#include "conformance/misstatements.hpp"
#include "plugin/flat_document.hpp"
#include "plugin/guard.hpp"
#include "plugin/http_request.hpp"
#include "plugin/inbox_item.hpp"
#include "plugin/mail_request.hpp"
#include "plugin/plain_text.hpp"
#include "plugin/secret_settings.hpp"

namespace tocsin::conformance {

namespace json = boost::json;

using testing::completion;

namespace {

constexpr int kAttemptSeconds = 120;

std::string refusal_words(tocsin_status status) {
  switch (status) {
    case TOCSIN_E_DENIED:
      return "E_DENIED, since its destination is not in the descriptor's egress";
    case TOCSIN_E_TOO_LARGE:
      return "E_TOO_LARGE, since it is over a limit";
    case TOCSIN_E_UNKNOWN_SECRET:
      return "E_UNKNOWN_SECRET, since it holds what looks like a token and is none";
    default:
      return "E_INVALID, since it is malformed";
  }
}

bool is_json_type(const tocsin_http_request& request) {
  for (std::size_t i = 0; i < request.n_headers; ++i) {
    std::string name(plugin::view(request.headers[i].key));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto value = plugin::view(request.headers[i].value);
    if (name == "content-type" && value.find("json") != value.npos) return value.find("ndjson") == value.npos;
  }
  return false;
}

}  // namespace

Trial::Trial(Subject& subject, const SubjectType& type, const plugin::PreparedSettings& settings,
             Scribe& scribe, Watch watch)
    : subject_(subject),
      type_(type),
      scribe_(scribe),
      watch_(watch),
      host_(*type.raw, subject.sandbox.get()),
      egress_(settings.egress),
      owner_(subject.vault.new_owner()) {
  json::value document = json::parse(settings.json);
  for (const auto& [where, secret] : settings.secrets) {
    const std::string token = subject_.vault.put(owner_, secret);
    if (!plugin::place_text(document, where, token)) continue;
    tokens_.emplace_back(token, where);
    host_.secrets[token] = std::string(secret.reveal());
  }
  const plugin::FlatDocument flat(document);
  const tocsin_doc view = flat.view();
  settings_.json(std::string(plugin::view(view.json)));
  for (std::size_t i = 0; i < view.n_flat; ++i) {
    settings_.set(std::string(plugin::view(view.flat[i].key)), std::string(plugin::view(view.flat[i].value)));
  }
  ask_the_host();
}

Trial::~Trial() {
  destroy();
  subject_.vault.remove_owner(owner_);
}

void Trial::find(std::string what, std::string fix, bool advice) {
  if (watch_ == Watch::kDeliveries) {
    scribe_.find({type_.type->type, std::move(what), std::move(fix), advice, 0});
  }
}

void Trial::find_leak(std::string what, std::string fix) {
  if (watch_ == Watch::kSecrets) scribe_.find({type_.type->type, std::move(what), std::move(fix), false, 0});
}

// What the plugin asks to be sent is read by the very functions that read it in the daemon.
void Trial::ask_the_host() {
  const auto refuse = [this](const char* thing, tocsin_status status) {
    if (status == TOCSIN_OK) return status;
    find("the host refuses the " + std::string(thing) + " of \"" + now_ + "\" with " + refusal_words(status),
         "keep to the limits and the egress that its header and the descriptor state");
    return status;
  };
  host_.on_submit = [this, refuse](const tocsin_http_request& request) {
    return refuse("request", read(request));
  };
  host_.on_submit_mail = [this, refuse](const tocsin_smtp_mail& mail) {
    plugin::MailToSend out;
    return refuse("mail", plugin::read_mail_request(&mail, subject_.vault, {owner_, egress_, false}, out));
  };
  host_.on_put = [refuse](const tocsin_inbox_item& item) {
    InboxItem out;
    return refuse("item", plugin::read_inbox_item(&item, out));
  };
}

tocsin_status Trial::read(const tocsin_http_request& request) {
  plugin::HttpRequest out;
  const auto status = plugin::read_http_request(&request, subject_.vault, owner_, egress_, out);
  if (status != TOCSIN_OK) return status;
  if (!out.unsendable.empty()) {
    find("the request of \"" + now_ + "\" cannot be sent: " + out.unsendable,
         "build the URL from the setting alone, and headers with values that tocsin_header_value_ok() "
         "accepts");
  }
  judge_body(request);
  return status;
}

void Trial::judge_body(const tocsin_http_request& request) {
  const std::string_view body = plugin::view(request.body);
  for (const auto& [token, where] : tokens_) {
    if (request.body_secrets == TOCSIN_BODY_NONE && body.find(token) != body.npos) {
      find_leak(
          "the secret " + where + " would be sent as its token, " + std::string(security::kTokenPrefix) + "…",
          "say in body_secrets how the host shall write it (TOCSIN_BODY_JSON, FORM or RAW)");
    }
  }
  if (!is_json_type(request)) return;
  json::error_code error;
  json::stream_parser parser;
  parser.write(body.data(), body.size(), error);
  if (!error) parser.finish(error);
  if (error) {
    find("the JSON of \"" + now_ + "\" does not parse: " + error.message(),
         "quote every text with tocsin::json_object or tocsin_text_add_json()");
  }
}

bool Trial::create() {
  if (subject_.sandbox) refusal = subject_.sandbox->ended();
  if (!refusal.empty()) return false;
  const auto thrown = plugin::guard([&] {
    if (host_.create(settings_)) return;
    refusal = plugin::text_of_array(host_.error.text, sizeof host_.error.text);
    pointer = plugin::text_of_array(host_.error.pointer, sizeof host_.error.pointer);
    if (refusal.empty()) refusal = "create() returned NULL without saying why";
  });
  if (thrown) refusal = "create() threw: " + *thrown;
  if (has_ended("create()")) refusal = subject_.sandbox->ended();
  return refusal.empty();
}

void Trial::destroy() {
  const auto ended = host_.completions.size();
  const bool was_there = host_.instance() != nullptr;
  host_.thrown.reset();
  auto thrown = plugin::guard([&] { host_.destroy(); });
  if (host_.thrown) thrown = host_.thrown->what;
  if (was_there && has_ended("destroy()")) return;
  if (thrown) {
    find("threw from destroy(): " + *thrown, "let destroy() free what create() made, and nothing else");
  }
  if (host_.completions.size() > ended) {
    find("completed a delivery from destroy()", "complete every delivery before; none is pending then");
  }
}

// In a sandbox: whether its process has, which is said once, whatever is watched.
bool Trial::has_ended(const std::string& at) {
  if (!subject_.sandbox) return false;
  const std::string how = subject_.sandbox->ended();
  if (how.empty()) return false;
  scribe_.broke();
  scribe_.find({type_.type->type, how + ", at " + at, fix_of_end(how), false, 0});
  return true;
}

template <class Call>
const completion* Trial::attempt(const char* function, const std::string& name, bool must_end, Call call) {
  if (subject_.sandbox && !subject_.sandbox->ended().empty()) return nullptr;
  now_ = name;
  host_.thrown.reset();
  const std::string at = std::string(function) + " with \"" + name + "\"";
  scribe_.step(at + " (" + type_.type->type + ")");
  const auto before = host_.completions.size();
  auto* const delivery = reinterpret_cast<tocsin_delivery*>(++handles_);
  const auto thrown = plugin::guard([&] {
    call(delivery);
    host_.play();
    const auto is_waiting = [&] {
      return host_.completions.size() == before && !host_.thrown && host_.has_timers();
    };
    for (int s = 0; s < kAttemptSeconds && is_waiting(); ++s) {
      host_.advance(1000);
      host_.play();
    }
  });
  if (has_ended(at)) return nullptr;
  if (thrown || host_.thrown) {
    find("threw from " + (thrown ? std::string(function) : host_.thrown->where) + " with \"" + name +
             "\": " + thrown.value_or(host_.thrown ? host_.thrown->what : ""),
         "catch it inside, and complete the delivery with TOCSIN_REJECTED or TOCSIN_RETRY");
    static_cast<void>(plugin::guard([&] { host_.play(); }));
    return nullptr;
  }
  return judge(before, delivery, name, must_end);
}

const completion* Trial::judge(std::size_t before, tocsin_delivery* delivery, const std::string& name,
                               bool must_end) {
  const std::size_t times = host_.completions.size() - before;
  if (times == 0) {
    if (must_end) {
      find("never completed \"" + name + "\"",
           "call complete() once on every path: after each answer, each refused submit and each error");
    }
    return nullptr;
  }
  if (times > 1) {
    find("completed \"" + name + "\" " + std::to_string(times) + " times",
         "return right after complete(); an attempt ends once");
    return nullptr;
  }
  const completion& done = host_.completions.back();
  if (done.delivery != delivery) {
    find("completed another delivery than \"" + name + "\"",
         "complete with the handle that this call was given");
    return nullptr;
  }
  if (done.status < TOCSIN_DELIVERED || done.status > TOCSIN_UNCERTAIN) {
    find("ended \"" + name + "\" with the outcome " + std::to_string(done.status) + ", which is none",
         "set outcome.status to one of TOCSIN_DELIVERED .. TOCSIN_UNCERTAIN");
    return nullptr;
  }
  if (done.code == "plugin.exception") {
    find("an exception ended \"" + name + "\": " + done.detail,
         "handle it where it is thrown; the alert is lost as it is");
    return nullptr;
  }
  judge_texts(done, name);
  return &done;
}

void Trial::judge_texts(const completion& done, const std::string& name) {
  if (plugin::repair_code(done.code) != done.code) {
    find(
        "the code \"" + plugin::repair_text(done.code, 64) + "\" of \"" + name + "\" is not [a-z0-9_.]{1,64}",
        "use short stable codes, such as \"" + type_.type->type + ".http_503\"", true);
  }
  for (const Misstatement& one : find_misstatements(done, host_.log, name)) find(one.what, one.fix);
  for (const auto& [token, where] : tokens_) {
    if (done.detail.find(token) != token.npos) {
      find_leak("the token of " + where + " stands in the outcome of \"" + name + "\"",
                "write no setting into a detail");
    }
    for (const auto& [level, line] : host_.log) {
      if (line.find(token) != line.npos) {
        find_leak("the token of " + where + " stands in its log", "write no setting into the log");
      }
    }
  }
  for (const std::string& id : host_.undeclared) {
    find("asks for the extension " + id + ", which its descriptor does not declare",
         "name it in requires_ext or uses_ext");
  }
  host_.log.clear();  // judged
}

const completion* Trial::deliver(testing::sample_message& message, const std::string& name) {
  return attempt("deliver()", name, true, [&](tocsin_delivery* delivery) {
    type_.raw->api->deliver(host_.instance(), message.c(), delivery);
  });
}

void Trial::deliver_stale(testing::sample_message& message) {
  attempt("deliver()", "E_STALE", false, [&](tocsin_delivery* delivery) {
    type_.raw->api->deliver(host_.instance(), message.c(), delivery);
  });
}

const completion* Trial::verify(const std::string& name) {
  return attempt("verify()", name, true,
                 [&](tocsin_delivery* delivery) { type_.raw->api->verify(host_.instance(), delivery); });
}

void Trial::cancel(testing::sample_message& message, const std::string& name) {
  attempt("cancel()", name, true, [&](tocsin_delivery* delivery) {
    type_.raw->api->deliver(host_.instance(), message.c(), delivery);
    type_.raw->api->cancel(host_.instance(), delivery);
  });
}

std::string Trial::without_tokens(std::string text) const {
  for (const auto& [token, where] : tokens_) plugin::replace_all(text, token, '<' + where + '>');
  return text;
}

}  // namespace tocsin::conformance
