// See describe.hpp. What stands behind a table that is too small is not read.
#include "plugin_host/describe.hpp"

#include <cstring>

#include "wire/described.hpp"

namespace tocsin::plugin_host {

namespace {

constexpr std::size_t kMostText = 256 * 1024;  // a schema has 64 KiB at most

// A text without an end is told as one that is too long.
const char* bounded(const char* text, wire::Shelf& shelf) {
  if (text == nullptr || strnlen(text, kMostText) < kMostText) return text;
  return shelf.keep(std::string(text, kMostText));
}

std::uint32_t functions_of(const tocsin_channel_api* api) {
  if (api == nullptr) return 0;
  return wire::kHasApi | (api->create != nullptr ? wire::kHasCreate : 0U) |
         (api->destroy != nullptr ? wire::kHasDestroy : 0U) |
         (api->deliver != nullptr ? wire::kHasDeliver : 0U) |
         (api->cancel != nullptr ? wire::kHasCancel : 0U) | (api->verify != nullptr ? wire::kHasVerify : 0U);
}

void describe_type(wire::Writer& write, const tocsin_channel_type* given) {
  write(std::uint32_t{given != nullptr});
  if (given == nullptr) return;
  wire::Shelf shelf;
  tocsin_channel_type type{};
  type.size = given->size;
  if (given->size >= sizeof type) type = *given;
  for (const char** text : {&type.type, &type.name, &type.summary, &type.version, &type.vendor, &type.license,
                            &type.url, &type.settings_schema}) {
    *text = bounded(*text, shelf);
  }
  std::uint32_t functions = functions_of(type.api);
  pass(write, type, functions);
}

}  // namespace

std::string describe(const tocsin_plugin* table) {
  std::string out;
  wire::Writer write(out);
  write(std::uint32_t{table != nullptr});
  if (table == nullptr) return out;
  tocsin_plugin copy{};
  copy.size = table->size;
  if (table->size >= sizeof copy) copy = *table;
  write(copy.size, copy.abi_minor, copy.sdk, std::uint64_t{copy.n_types},
        std::uint32_t{copy.types != nullptr});
  if (copy.types == nullptr || copy.n_types > wire::kMostTypes) return out;
  for (std::size_t i = 0; i < copy.n_types; ++i) describe_type(write, copy.types[i]);
  return out;
}

}  // namespace tocsin::plugin_host
