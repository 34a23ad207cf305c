// See page.hpp.
#include "api/page.hpp"

#include <charconv>

#include "api/json_body.hpp"

namespace tocsin::api {
namespace {

constexpr std::size_t kUsualPage = 50;
constexpr std::size_t kMaxPage = 200;

}  // namespace

Result<std::size_t> read_limit(const net::HttpRequest& request) {
  const auto text = request.parameter("limit");
  if (!text) return kUsualPage;
  std::size_t limit = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (failure != std::errc() || end != text->data() + text->size() || limit < 1 || limit > kMaxPage) {
    return bad_place("limit", "must be 1 to 200");
  }
  return limit;
}

}  // namespace tocsin::api
