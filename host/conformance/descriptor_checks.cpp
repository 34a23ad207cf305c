// What can be said of a plugin before it delivers anything: the host's own checks of file and tables, and
// what a good settings form has beyond them.
#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "conformance/checks.hpp"
#include "conformance/trial.hpp"
#include "plugin/descriptor_check.hpp"
#include "plugin/flat_document.hpp"
#include "plugin/library.hpp"
#include "plugin/settings_rules.hpp"
#include "plugin/settings_schema.hpp"

namespace tocsin::conformance {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxDepth = 8;

// Calls `visit(pointer, schema)` for every setting that the schema describes by name, or as an array's items.
template <class Visit>
void visit_settings(const json::object& schema, const std::string& pointer, const Visit& visit,
                    std::size_t depth = 0) {
  if (depth > kMaxDepth) return;
  if (const auto* properties = schema.if_contains("properties"); properties && properties->is_object()) {
    for (const auto& member : properties->get_object()) {
      if (!member.value().is_object()) continue;
      const std::string below = plugin::child_pointer(pointer, member.key());
      visit(below, std::string(member.key()), member.value().get_object());
      visit_settings(member.value().get_object(), below, visit, depth + 1);
    }
  }
  if (const auto* items = schema.if_contains("items"); items && items->is_object()) {
    visit_settings(items->get_object(), pointer + "/0", visit, depth + 1);
  }
}

bool sounds_secret(std::string name) {
  static constexpr std::array<std::string_view, 12> kWords{
      "password",   "passwd",    "secret",      "token",      "api_key",     "apikey",
      "access_key", "accesskey", "private_key", "privatekey", "signing_key", "credential"};
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return name.find(word) != name.npos; });
}

bool is_text(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  return type != nullptr && type->is_string() && type->get_string() == "string" && !schema.contains("enum") &&
         !schema.contains("const");
}

void check_form(const SubjectType& type, Scribe& scribe) {
  const json::object& schema = type.type->schema->document();
  visit_settings(schema, "", [&](const std::string& pointer, const std::string&, const json::object& part) {
    for (const char* key : {"title", "description"}) {
      const auto* text = part.if_contains(key);
      if (text != nullptr && text->is_string() && !text->get_string().empty()) continue;
      scribe.find({type.type->type, "the setting " + pointer + " has no " + key,
                   "give every property a title and a description: the form is drawn from them", true, 0});
    }
  });
  const auto* others = schema.if_contains("additionalProperties");
  if (schema.contains("properties") && others == nullptr) {
    scribe.find({type.type->type, "the schema lets any other property pass",
                 "add \"additionalProperties\": false, so that a misspelt setting is refused", true, 0});
  }
}

}  // namespace

std::unique_ptr<Subject> open_for_work(const CheckInput& input, Scribe& scribe) {
  scribe.step("loading");
  auto subject = open_subject(input);
  if (!subject) {
    scribe.find({"", subject.error().detail, "see the checks before", false, 0});
    return nullptr;
  }
  if ((*subject)->sandbox) scribe.sandboxed((*subject)->sandbox->status().level);
  scribe.step("making settings");
  add_samples(**subject, input);
  if (const std::string how = (*subject)->sandbox ? (*subject)->sandbox->ended() : ""; !how.empty()) {
    scribe.broke();
    scribe.find({"", how + ", while its settings were tried", fix_of_end(how), false, 0});
    return nullptr;
  }
  return std::move(*subject);
}

void check_loads(const CheckInput& input, Scribe& scribe) {
  scribe.step("loading");
  const auto library = input.sandboxed ? Sandboxed(input.file).load() : plugin::load_library(input.file, "");
  if (!library) {
    scribe.find({"", library.error().detail,
                 "build it with tocsin_add_channel(), which links and exports what a plugin must", false, 0});
  }
}

void check_descriptor(const CheckInput& input, Scribe& scribe) {
  scribe.step("reading the descriptor");
  const auto subject = open_subject(input);
  if (!subject) {
    scribe.find({"", subject.error().detail,
                 "correct the field that is named; tocsin/plugin.h says what it may hold", false, 0});
  }
}

void check_schema(const CheckInput& input, Scribe& scribe) {
  const auto subject = open_for_work(input, scribe);
  if (!subject) return;
  for (const SubjectType& type : subject->types) {
    check_form(type, scribe);
    if (type.samples.empty()) {
      scribe.find(
          {type.type->type, "no settings were found that it accepts: " + type.no_sample.detail,
           "give the property \"examples\" in the schema, or settings with --settings FILE; if it refuses "
           "good ones, correct create()",
           false, 0});
    }
  }
}

void check_secrets(const CheckInput& input, Scribe& scribe) {
  const auto subject = open_for_work(input, scribe);
  if (!subject) return;
  for (const SubjectType& type : subject->types) {
    visit_settings(
        type.type->schema->document(), "",
        [&](const std::string& pointer, const std::string& name, const json::object& part) {
          if (!sounds_secret(name) || !is_text(part) || plugin::is_write_only(part)) return;
          scribe.find({type.type->type, "the setting " + pointer + " sounds like a secret and is shown",
                       "add \"writeOnly\": true, so that it is sealed and never shown again", false, 0});
        });
    for (const Sample& sample : type.samples) {
      // What a leak is, the trial knows.
      Trial trial(*subject, type, sample.settings, scribe, Watch::kSecrets);
      if (!trial.create()) continue;
      testing::sample_message message;
      trial.deliver(message, "an ordinary message");
      trial.host().replies.assign(4, {.status = 401, .body = "no"});
      trial.deliver(message, "a refused sign-in");
    }
  }
}

}  // namespace tocsin::conformance
