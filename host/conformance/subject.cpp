// See subject.hpp.
#include "conformance/subject.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "conformance/sample_settings.hpp"
#include "conformance/trial.hpp"
#include "plugin/descriptor_check.hpp"
#include "plugin/flat_document.hpp"
#include "plugin/library.hpp"
#include "plugin/settings_rules.hpp"
#include "plugin/settings_schema.hpp"

namespace tocsin::conformance {

namespace json = boost::json;

namespace {

constexpr int kMostRepairs = 16;

// What schema and plugin say to `settings`.
struct Answer {
  Result<plugin::PreparedSettings> prepared = make_error(Errc::kInvalid, "");
  std::string pointer;  // of what is refused
  [[nodiscard]] bool good() const { return prepared.has_value(); }
};

Answer ask(Subject& subject, const SubjectType& type, const json::value& settings) {
  Answer answer{plugin::prepare_settings(*type.type, json::serialize(settings), {}, {}), {}};
  if (!answer.prepared) {
    const auto& fields = answer.prepared.error().fields;
    if (!fields.empty()) answer.pointer = fields.front().pointer;
    return answer;
  }
  Scribe silent(-1);
  Trial trial(subject, type, *answer.prepared, silent);
  if (trial.create()) return answer;
  answer.pointer = trial.pointer;
  answer.prepared =
      make_error(Errc::kInvalid, trial.pointer + (trial.pointer.empty() ? "" : ": ") + trial.refusal);
  return answer;
}

const json::object* properties_of(const SubjectType& type) {
  const auto* value = type.type->schema->document().if_contains("properties");
  return value == nullptr ? nullptr : value->if_object();
}

// Adds the property that was asked for. False: it is there, or there is no such property.
bool add_property(const SubjectType& type, json::object& settings, std::string_view pointer) {
  const auto names = plugin::split_pointer(pointer);
  const auto* properties = properties_of(type);
  if (names.empty() || properties == nullptr || settings.contains(names[0])) return false;
  const auto* schema = properties->if_contains(names[0]);
  if (schema == nullptr || !schema->is_object()) return false;
  settings[names[0]] = sample_value(schema->get_object(), true);
  return true;
}

void add_given(Subject& subject, SubjectType& type, const std::string& text) {
  json::error_code error;
  const auto settings = json::parse(text, error);
  auto answer = ask(subject, type, error ? json::value(nullptr) : settings);
  if (answer.good()) {
    type.samples.push_back({"the given settings", std::move(*answer.prepared)});
  } else {
    type.no_sample = answer.prepared.error();
  }
}

void add_made(Subject& subject, SubjectType& type) {
  json::value settings = sample_value(type.type->schema->document(), false);
  if (!settings.is_object()) settings.emplace_object();
  Answer answer = ask(subject, type, settings);
  // A constructor may need what the schema cannot say, such as a sender or else a user name.
  for (int i = 0; i < kMostRepairs && !answer.good(); ++i) {
    if (!add_property(type, settings.get_object(), answer.pointer)) break;
    answer = ask(subject, type, settings);
  }
  if (!answer.good()) {
    type.no_sample = answer.prepared.error();
    return;
  }
  type.samples.push_back({"the required settings", std::move(*answer.prepared)});
  std::size_t added = 0;
  if (const auto* properties = properties_of(type)) {
    for (const auto& member : *properties) {
      json::value more = settings;
      if (!add_property(type, more.get_object(), '/' + std::string(member.key()))) continue;
      Answer accepted = ask(subject, type, more);
      if (!accepted.good()) continue;  // it does not go with the others
      settings = std::move(more);
      answer = std::move(accepted);
      ++added;
    }
  }
  if (added > 0) type.samples.push_back({"every setting", std::move(*answer.prepared)});
}

}  // namespace

Result<std::unique_ptr<Subject>> open_subject(const CheckInput& input) {
  auto subject = std::make_unique<Subject>();
  if (input.sandboxed) subject->sandbox = std::make_unique<Sandboxed>(input.file);
  auto library = input.sandboxed ? subject->sandbox->load() : plugin::load_library(input.file, "");
  if (!library) return library.error();
  auto descriptor = plugin::check_descriptor(library->table);
  if (!descriptor) {
    return make_error(Errc::kUnavailable, "plugin " + input.file + ' ' + descriptor.error().detail);
  }
  subject->sha256 = library->sha256;
  for (std::size_t i = 0; i < descriptor->types.size(); ++i) {
    subject->types.push_back({descriptor->types[i], library->table->types[i], {}, {}});
  }
  return subject;
}

void add_samples(Subject& subject, const CheckInput& input) {
  for (SubjectType& type : subject.types) {
    input.settings.empty() ? add_made(subject, type) : add_given(subject, type, input.settings);
  }
}

}  // namespace tocsin::conformance
