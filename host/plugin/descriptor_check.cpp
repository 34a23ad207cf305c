// The checks in order, each a function that answers "" or its sentence. Later checks rely on earlier ones.
#include "plugin/descriptor_check.hpp"

#include <tocsin/ext/clock.h>
#include <tocsin/ext/http.h>
#include <tocsin/ext/inbox.h>
#include <tocsin/ext/log.h>
#include <tocsin/ext/secret.h>
#include <tocsin/ext/smtp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "plugin/egress_target.hpp"
#include "plugin/flat_document.hpp"
#include "plugin/plain_text.hpp"
#include "plugin/settings_rules.hpp"
#include "plugin/settings_schema.hpp"

namespace tocsin::plugin {
namespace {

constexpr std::size_t kMaxTypes = 32;
constexpr std::uint32_t kMaxTableSize = 4096;
constexpr std::size_t kMaxList = 64;
constexpr std::size_t kMaxWord = 128;
constexpr std::size_t kMaxSchema = 64 * 1024;

constexpr std::array<std::string_view, 6> kServed{TOCSIN_EXT_HTTP,  TOCSIN_EXT_SMTP,   TOCSIN_EXT_INBOX,
                                                  TOCSIN_EXT_CLOCK, TOCSIN_EXT_SECRET, TOCSIN_EXT_LOG};

bool plausible_size(std::uint32_t size, std::size_t wanted) {
  return size >= wanted && size <= kMaxTableSize && size % alignof(void*) == 0;
}

// A text of a descriptor: there, ended within `most` bytes and valid UTF-8. {false, ""}: not there.
struct Text {
  bool there = false;
  bool good = false;
  std::string_view value;
};
Text read_text(const char* text, std::size_t most) {
  if (text == nullptr) return {};
  const std::size_t length = strnlen(text, most + 1);
  if (length > most) return {true, false, {}};
  const std::string_view value(text, length);
  return {true, repair_text(value, most) == value, value};
}

std::string plugin_fault(const tocsin_plugin* table) {
  if (table == nullptr) return "returned NULL from " TOCSIN_ENTRY_SYMBOL "() instead of its descriptor";
  if (!plausible_size(table->size, sizeof(tocsin_plugin))) {
    return "has a descriptor of size " + std::to_string(table->size) + ", but ABI 1 needs " +
           std::to_string(sizeof(tocsin_plugin)) + "; set .size to sizeof(tocsin_plugin) and build it again";
  }
  if (table->n_types == 0) return "has no channel type: n_types is 0";
  if (table->n_types > kMaxTypes) {
    return "names " + std::to_string(table->n_types) + " channel types, but at most 32 are allowed";
  }
  if (table->types == nullptr) return "has no channel type: types is NULL";
  for (std::size_t i = 0; i < table->n_types; ++i) {
    if (table->types[i] == nullptr) return "has NULL as its channel type " + std::to_string(i);
  }
  return "";
}

std::string size_fault(const tocsin_channel_type& type) {
  if (plausible_size(type.size, sizeof(tocsin_channel_type))) return "";
  return "has a size of " + std::to_string(type.size) + ", but ABI 1 needs " +
         std::to_string(sizeof(tocsin_channel_type)) + "; set .size to sizeof(tocsin_channel_type)";
}

bool is_type_id(std::string_view id) {
  if (id.empty() || id.size() > 64) return false;
  bool start = true;
  for (const char c : id) {
    const bool letter = c >= 'a' && c <= 'z';
    const bool digit = c >= '0' && c <= '9';
    if (start ? !letter : !(letter || digit || c == '_' || c == '.' || c == '-')) return false;
    start = c == '.';
  }
  return !start;
}

std::string id_fault(const tocsin_channel_type& type) {
  const Text id = read_text(type.type, 64);
  if (!id.there) return "has no id: .type is NULL";
  if (!id.good || !is_type_id(id.value)) {
    return "has a malformed id; use [a-z][a-z0-9_]*, third parties in reverse DNS as in \"sh.ntfy\", at most "
           "64 characters";
  }
  return "";
}

std::string text_fault(std::string_view field, const char* text, std::size_t most, bool required) {
  const Text read = read_text(text, most);
  if (required && (!read.there || (read.good && read.value.empty()))) {
    return "has no " + std::string(field);
  }
  if (read.there && !read.good) {
    return "has a " + std::string(field) + " that is not UTF-8 of at most " + std::to_string(most) + " bytes";
  }
  return "";
}

std::string texts_fault(const tocsin_channel_type& type) {
  struct Field {
    std::string_view name;
    const char* text;
    std::size_t most;
    bool required;
  };
  for (const Field& field :
       {Field{"name", type.name, 64, true}, Field{"version", type.version, 64, true},
        Field{"summary", type.summary, 512, false}, Field{"vendor", type.vendor, 128, false},
        Field{"license", type.license, 64, false}, Field{"url", type.url, 512, false},
        Field{"settings_schema", type.settings_schema, kMaxSchema, true}}) {
    std::string fault = text_fault(field.name, field.text, field.most, field.required);
    if (!fault.empty()) return fault;
  }
  return "";
}

std::string api_fault(const tocsin_channel_type& type) {
  if (type.api == nullptr) return "has no functions: .api is NULL";
  if (type.api->create == nullptr) return "has no create() in its api";
  if (type.api->destroy == nullptr) return "has no destroy() in its api";
  if (type.api->deliver == nullptr) return "has no deliver() in its api";
  return "";
}

std::string mode_fault(const tocsin_channel_type& type) {
  if (type.threading > TOCSIN_CONCURRENT) {
    return "asks for threading " + std::to_string(type.threading) +
           ", which this host does not know; use TOCSIN_SERIAL, TOCSIN_BLOCKING or TOCSIN_CONCURRENT";
  }
  if ((type.flags & ~static_cast<std::uint32_t>(TOCSIN_FLAT_DATA | TOCSIN_TAKES_DIGESTS)) != 0) {
    return "sets flags that this host does not know; clear all but TOCSIN_FLAT_DATA and TOCSIN_TAKES_DIGESTS";
  }
  if (type.retries > TOCSIN_RETRIES_MAIL) {
    return "asks for retry schedule " + std::to_string(type.retries) + ", which this host does not know";
  }
  if (type.rate_per_minute > 1'000'000 || type.burst > 1'000'000) {
    return "has a rate limit above 1000000, which limits nothing; use 0 for none";
  }
  return "";
}

std::string list_fault(std::string_view field, const char* const* list) {
  if (list == nullptr) return "";
  for (std::size_t i = 0; list[i] != nullptr; ++i) {
    if (i == kMaxList) return "has no NULL at the end of " + std::string(field) + ", or more than 64 entries";
    const Text word = read_text(list[i], kMaxWord);
    if (!word.good || word.value.empty()) {
      return "has an entry in " + std::string(field) + " that is empty, over 128 bytes or not UTF-8";
    }
  }
  return "";
}

std::vector<std::string> copy_list(const char* const* list) {
  std::vector<std::string> out;
  for (; list != nullptr && *list != nullptr; ++list) out.emplace_back(*list);
  return out;
}

std::string lists_fault(const tocsin_channel_type& type) {
  std::string fault = list_fault("requires_ext", type.requires_ext);
  if (fault.empty()) fault = list_fault("uses_ext", type.uses_ext);
  if (fault.empty()) fault = list_fault("egress", type.egress);
  return fault;
}

std::string extensions_fault(const tocsin_channel_type& type) {
  for (const auto& id : copy_list(type.requires_ext)) {
    if (is_served_extension(id)) continue;
    return "requires the extension " + id +
           ", which this host does not know; check its spelling or use a newer host";
  }
  return "";
}

std::string egress_fault(const tocsin_channel_type& type, const SettingsSchema& schema) {
  for (const auto& pattern : copy_list(type.egress)) {
    std::string fault = egress_pattern_fault(pattern);
    if (!fault.empty()) return "has the egress \"" + pattern + "\": " + fault;
    if (!pattern.starts_with(kFromSettings)) continue;
    const auto [pointer, port] = settings_target(pattern);
    if (find_subschema(schema.document(), pointer) == nullptr ||
        (!port.empty() && find_subschema(schema.document(), port) == nullptr)) {
      return "has the egress \"" + pattern + "\", but its schema has no such setting";
    }
  }
  return "";
}

std::string or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

std::shared_ptr<const ChannelType> copy_type(const tocsin_channel_type& type,
                                             std::shared_ptr<const SettingsSchema> schema) {
  auto copy = std::make_shared<ChannelType>();
  copy->type = type.type;
  copy->name = type.name;
  copy->summary = or_empty(type.summary);
  copy->version = type.version;
  copy->schema_json = type.settings_schema;
  copy->schema = std::move(schema);
  copy->required_extensions = copy_list(type.requires_ext);
  copy->used_extensions = copy_list(type.uses_ext);
  copy->egress = copy_list(type.egress);
  copy->threading = type.threading;
  copy->flags = type.flags;
  copy->retries = type.retries;
  copy->rate_per_minute = type.rate_per_minute;
  copy->burst = std::max<std::uint32_t>(type.burst, 1);
  copy->api = type.api;
  copy->verifies = type.api->verify != nullptr;
  return copy;
}

Error type_error(std::size_t index, const tocsin_channel_type& type, const std::string& fault) {
  const bool named = size_fault(type).empty() && id_fault(type).empty();
  return make_error(Errc::kUnavailable,
                    "is refused: its channel type " +
                        (named ? '"' + std::string(type.type) + '"' : std::to_string(index)) + ' ' + fault);
}

Result<std::shared_ptr<const ChannelType>> check_type(std::size_t index, const tocsin_channel_type& type) {
  for (const auto check :
       {&size_fault, &id_fault, &texts_fault, &api_fault, &mode_fault, &lists_fault, &extensions_fault}) {
    const std::string fault = check(type);
    if (!fault.empty()) return type_error(index, type, fault);
  }
  auto schema = SettingsSchema::parse(type.settings_schema);
  if (!schema) return type_error(index, type, "has a settings schema that " + schema.error().detail);
  const std::string fault = egress_fault(type, **schema);
  if (!fault.empty()) return type_error(index, type, fault);
  return copy_type(type, std::move(*schema));
}

}  // namespace

bool is_served_extension(std::string_view id) {
  return std::find(kServed.begin(), kServed.end(), id) != kServed.end();
}

Result<Descriptor> check_descriptor(const tocsin_plugin* table) {
  const std::string fault = plugin_fault(table);
  if (!fault.empty()) return make_error(Errc::kUnavailable, fault);
  Descriptor descriptor;
  const Text sdk = read_text(table->sdk, kMaxWord);
  if (sdk.there && !sdk.good) {
    return make_error(Errc::kUnavailable, "has an sdk text that is not UTF-8 of at most 128 bytes");
  }
  descriptor.sdk = std::string(sdk.value);
  for (std::size_t i = 0; i < table->n_types; ++i) {
    auto type = check_type(i, *table->types[i]);
    if (!type) return type.error();
    for (const auto& earlier : descriptor.types) {
      if (earlier->type == (*type)->type) {
        return type_error(i, *table->types[i], "is listed twice");
      }
    }
    descriptor.types.push_back(std::move(*type));
  }
  return descriptor;
}

}  // namespace tocsin::plugin
