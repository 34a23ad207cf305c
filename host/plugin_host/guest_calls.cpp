// What the plugin asks of its host, on the way to the daemon. An argument that cannot be carried is answered
// as the daemon would; every other rule is the daemon's. See guest.hpp.
#include <algorithm>
#include <cstring>
#include <utility>

#include "model/log_limit.hpp"
#include "plugin_host/guest.hpp"

namespace tocsin::plugin_host {

namespace {

using wire::Kind;

// Above every limit of the ABI, so that what is larger need not travel to be refused.
constexpr std::size_t kMostBytes = 26U * 1024 * 1024;
constexpr std::size_t kMostEntries = 1'024;

bool fits(tocsin_str text) {
  return text.ptr == nullptr || text.len <= kMostBytes;
}

}  // namespace

const void* Guest::find_extension(const char* id) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = granted_.find(std::string_view(id)); known != granted_.end()) return known->second;
  }
  wire::Message question = message(Kind::kFindExtension);
  wire::Writer write(question.payload);
  write(id);
  if (ask_status(std::move(question)) != TOCSIN_OK) return nullptr;
  const void* const table = find_table(id);
  const std::lock_guard lock(mutex_);
  granted_[id] = table;
  return table;
}

void Guest::complete(Handle handle, const tocsin_outcome* outcome) {
  wire::Message told = message(Kind::kComplete, handle);
  if (outcome != nullptr) {
    tocsin_outcome copy = wire::cut(*outcome);
    for (tocsin_str* text : {&copy.provider_id, &copy.code, &copy.detail, &copy.carry}) {
      text->len = std::min<std::size_t>(text->len, 64 * 1024);  // more is cut or dropped there in any case
    }
    wire::Writer write(told.payload);
    pass(write, copy);
  }
  link_.send(std::move(told));
  const std::lock_guard lock(mutex_);
  messages_.erase(handle);
}

tocsin_status Guest::ask_status(wire::Message question) {
  const std::string answer = link_.ask(std::move(question));
  std::int32_t status = TOCSIN_E_CLOSING;
  if (answer.size() >= sizeof status) std::memcpy(&status, answer.data(), sizeof status);
  return status;
}

// The number of what is to be called back stands in front of what is asked.
tocsin_status Guest::submit(wire::Message question, Pending pending) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++last_number_;
    pending_[number] = pending;
  }
  std::memcpy(question.payload.data(), &number, sizeof number);
  const tocsin_status status = ask_status(std::move(question));
  if (status == TOCSIN_OK) return status;
  const std::lock_guard lock(mutex_);
  pending_.erase(number);
  return status;
}

tocsin_status Guest::submit(Handle handle, const tocsin_http_request* request, tocsin_http_fn callback,
                            void* user) {
  if (callback == nullptr || request == nullptr) return TOCSIN_E_INVALID;
  tocsin_http_request copy = wire::cut(*request);
  if (copy.headers == nullptr && copy.n_headers > 0) return TOCSIN_E_INVALID;
  if (copy.n_headers > kMostEntries || !fits(copy.body) || !fits(copy.url)) return TOCSIN_E_TOO_LARGE;
  wire::Message question = message(Kind::kHttp, handle);
  question.payload.assign(sizeof(std::uint64_t), '\0');
  wire::Writer write(question.payload);
  pass(write, copy);
  Pending pending;
  pending.kind = Kind::kHttpDone;
  pending.http = callback;
  pending.user = user;
  return submit(std::move(question), pending);
}

tocsin_status Guest::submit_mail(Handle handle, const tocsin_smtp_mail* mail, tocsin_smtp_fn callback,
                                 void* user) {
  if (callback == nullptr || mail == nullptr) return TOCSIN_E_INVALID;
  tocsin_smtp_mail copy = wire::cut(*mail);
  if (copy.recipients == nullptr && copy.n_recipients > 0) return TOCSIN_E_INVALID;
  if (copy.n_recipients > kMostEntries || !fits(copy.bytes)) return TOCSIN_E_TOO_LARGE;
  wire::Message question = message(Kind::kMail, handle);
  question.payload.assign(sizeof(std::uint64_t), '\0');
  wire::Writer write(question.payload);
  pass(write, copy);
  Pending pending;
  pending.kind = Kind::kMailDone;
  pending.mail = callback;
  pending.user = user;
  return submit(std::move(question), pending);
}

tocsin_status Guest::check_mail(const tocsin_smtp_mail* mail, tocsin_error* error) {
  if (mail == nullptr) return TOCSIN_E_INVALID;
  tocsin_smtp_mail copy = wire::cut(*mail);
  copy.bytes = {};
  copy.recipients = nullptr;
  wire::Message question = message(Kind::kCheckMail);
  wire::Writer write(question.payload);
  pass(write, copy);
  const std::string answer = link_.ask(std::move(question));
  wire::Shelf shelf;
  wire::Reader read(answer, shelf);
  std::int32_t status = TOCSIN_E_CLOSING;
  std::string text;
  read(status, text);
  if (error != nullptr && status != TOCSIN_OK && !text.empty()) {
    const std::size_t length = std::min(text.size(), sizeof error->text - 1);
    std::memcpy(error->text, text.data(), length);
    error->text[length] = '\0';
  }
  return status;
}

tocsin_status Guest::put_item(Handle handle, const tocsin_inbox_item* item, tocsin_inbox_fn callback,
                              void* user) {
  if (callback == nullptr || item == nullptr) return TOCSIN_E_INVALID;
  tocsin_inbox_item copy = wire::cut(*item);
  if (!fits(copy.json) || !fits(copy.summary) || !fits(copy.title)) return TOCSIN_E_TOO_LARGE;
  wire::Message question = message(Kind::kPut, handle);
  question.payload.assign(sizeof(std::uint64_t), '\0');
  wire::Writer write(question.payload);
  pass(write, copy);
  Pending pending;
  pending.kind = Kind::kPutDone;
  pending.put = callback;
  pending.user = user;
  return submit(std::move(question), pending);
}

// Our own number goes with it, so that a cancelled one is known here although the daemon has sent it already.
tocsin_status Guest::start_timer(std::int64_t delay_ms, tocsin_timer_fn callback, void* user,
                                 std::uint64_t* timer) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++last_number_;
    timers_[number] = {callback, user, 0};
  }
  wire::Message question = message(Kind::kStartTimer, number);
  wire::Writer write(question.payload);
  write(delay_ms);
  const std::string answer = link_.ask(std::move(question));
  wire::Shelf shelf;
  wire::Reader read(answer, shelf);
  std::int32_t status = TOCSIN_E_CLOSING;
  std::uint64_t host_timer = 0;
  read(status, host_timer);
  const std::lock_guard lock(mutex_);
  const auto found = timers_.find(number);
  if (status != TOCSIN_OK) {
    if (found != timers_.end()) timers_.erase(found);
    return status;
  }
  if (found != timers_.end()) found->second.host_timer = host_timer;
  *timer = number;
  return TOCSIN_OK;
}

tocsin_status Guest::cancel_timer(std::uint64_t timer) {
  wire::Message told = message(Kind::kCancelTimer);
  {
    const std::lock_guard lock(mutex_);
    const auto found = timers_.find(timer);
    if (found == timers_.end()) return TOCSIN_E_STALE;
    told.handle = found->second.host_timer;
    timers_.erase(found);
  }
  link_.send(std::move(told));
  return TOCSIN_OK;
}

tocsin_status Guest::sign(Kind kind, tocsin_str key, std::uint32_t key_form, const tocsin_str* parts,
                          std::size_t n_parts, std::uint8_t* out, std::size_t size) {
  if (parts == nullptr && n_parts > 0) return TOCSIN_E_INVALID;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(n_parts, 64); ++i) {
    if (!fits(parts[i])) return TOCSIN_E_TOO_LARGE;
    bytes += parts[i].ptr == nullptr ? 0 : parts[i].len;
  }
  if (n_parts > 64 || bytes > 16U * 1024 * 1024) return TOCSIN_E_TOO_LARGE;
  wire::Message question = message(kind);
  wire::Writer write(question.payload);
  write(key, key_form);
  write.list(parts, n_parts);
  const std::string answer = link_.ask(std::move(question));
  wire::Shelf shelf;
  wire::Reader read(answer, shelf);
  std::int32_t status = TOCSIN_E_CLOSING;
  tocsin_str made{};
  read(status, made);
  if (status != TOCSIN_OK || made.len != size) return status == TOCSIN_OK ? TOCSIN_E_CLOSING : status;
  std::memcpy(out, made.ptr, size);
  return TOCSIN_OK;
}

void Guest::write_log(Handle handle, std::uint32_t level, tocsin_str text, const tocsin_kv* fields,
                      std::size_t n) {
  // Anew behind each of the daemon's messages, too: it counts for itself. The rest is told as a number, since
  // to carry a flood would be a cost to everybody else.
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t second = clock_.steady_us() / 1'000'000;
    if (std::exchange(log_second_, second) != second) log_lines_ = 0;
    if (++log_lines_ > kMaxLogLines) {
      ++log_left_out_;
      return;
    }
  }
  wire::Message told = message(Kind::kLog, handle);
  text.len = std::min<std::size_t>(text.len, 8 * 1024);  // a line is cut at half of it there
  std::vector<tocsin_kv> some;
  for (std::size_t i = 0; fields != nullptr && i < std::min<std::size_t>(n, 32); ++i) {
    some.push_back(fields[i]);
    some.back().key.len = std::min<std::size_t>(some.back().key.len, 4 * 1024);
    some.back().value.len = std::min<std::size_t>(some.back().value.len, 4 * 1024);
  }
  wire::Writer write(told.payload);
  write(level, text);
  const tocsin_kv* const first = some.data();
  write.list(first, some.size());
  link_.send(std::move(told));
}

void Guest::count_lines() {
  std::uint32_t left_out = 0;
  {
    const std::lock_guard lock(mutex_);
    log_lines_ = 0;
    left_out = std::exchange(log_left_out_, 0);
  }
  if (left_out > 0) link_.send(message(Kind::kLeftOut, left_out));
}

}  // namespace tocsin::plugin_host
