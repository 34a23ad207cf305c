// What the plugin asks of its host, carried out by the host's own extensions as if the plugin were here. What
// comes in is read as from a stranger. See supervisor.hpp.
#include <array>

#include "plugin/instance.hpp"
#include "sandbox/supervisor.hpp"

namespace tocsin::sandbox {

using wire::Kind;

namespace {

template <class Table>
const Table* extension(const Remote& remote, const char* id) {
  return static_cast<const Table*>(remote.host.get_extension(&remote.host, id));
}

Remote& of(tocsin_instance* instance) {
  return *reinterpret_cast<Remote*>(instance);
}
// A callback finds what it is about by number, so that one that never comes leaves nothing behind.
void* as_user(std::uint64_t number) {
  return reinterpret_cast<void*>(number);
}
std::uint64_t as_number(void* user) {
  return reinterpret_cast<std::uint64_t>(user);
}

void http_done(tocsin_instance* instance, tocsin_delivery* delivery, const tocsin_http_response* answer,
               void* user) {
  if (instance == nullptr) return;
  Remote& remote = of(instance);
  remote.supervisor.http_done(remote, plugin::to_handle(delivery), *answer, as_number(user));
}
void mail_done(tocsin_instance* instance, tocsin_delivery* delivery, const tocsin_smtp_reply* answer,
               void* user) {
  if (instance == nullptr) return;
  Remote& remote = of(instance);
  remote.supervisor.mail_done(remote, plugin::to_handle(delivery), *answer, as_number(user));
}
void put_done(tocsin_instance* instance, tocsin_delivery* delivery, const tocsin_inbox_result* answer,
              void* user) {
  if (instance == nullptr) return;
  Remote& remote = of(instance);
  remote.supervisor.put_done(remote, plugin::to_handle(delivery), *answer, as_number(user));
}
void timer_due(tocsin_instance* instance, void* user) {
  if (instance == nullptr) return;
  Remote& remote = of(instance);
  remote.supervisor.timer_due(remote, as_number(user));
}

}  // namespace

void Supervisor::call_host(wire::Message& message) {
  std::shared_ptr<Remote> remote;
  {
    const Lock lock(mutex_);
    const auto found = remotes_.find(message.instance);
    if (found != remotes_.end()) {
      remote = found->second;
      ++remote->calls;
    }
  }
  if (!remote) {
    if (message.call != 0) answer_status(message, TOCSIN_E_CLOSING);
    return;
  }
  carry_out(remote, message);
  const Lock lock(mutex_);
  --remote->calls;
  changed_.notify_all();
}

void Supervisor::carry_out(const std::shared_ptr<Remote>& remote, wire::Message& message) {
  switch (message.kind) {
    case Kind::kComplete:
      return complete(remote, message);
    case Kind::kThrew:
      return threw(remote, message);
    case Kind::kHttp:
      return submit<tocsin_http, tocsin_http_request>(
          *remote, message, TOCSIN_EXT_HTTP,
          [&](const tocsin_http& http, const auto& request, std::uint64_t id) {
            return http.submit(&remote->host, plugin::to_delivery(message.handle), &request,
                               &sandbox::http_done, as_user(id));
          });
    case Kind::kMail:
      return submit<tocsin_smtp, tocsin_smtp_mail>(
          *remote, message, TOCSIN_EXT_SMTP,
          [&](const tocsin_smtp& smtp, const auto& mail, std::uint64_t id) {
            return smtp.submit(&remote->host, plugin::to_delivery(message.handle), &mail, &sandbox::mail_done,
                               as_user(id));
          });
    case Kind::kPut:
      return submit<tocsin_inbox, tocsin_inbox_item>(
          *remote, message, TOCSIN_EXT_INBOX,
          [&](const tocsin_inbox& inbox, const auto& item, std::uint64_t id) {
            return inbox.put(&remote->host, plugin::to_delivery(message.handle), &item, &sandbox::put_done,
                             as_user(id));
          });
    case Kind::kCheckMail:
      return check_mail(*remote, message);
    case Kind::kStartTimer:
      return start_timer(*remote, message);
    case Kind::kCancelTimer:
      return cancel_timer(*remote, message.handle);
    case Kind::kHmac:
    case Kind::kSign:
      return sign(*remote, message);
    case Kind::kFindExtension: {
      wire::Shelf shelf;
      wire::Reader read(message.payload, shelf);
      std::string id;
      read(id);
      const bool granted = remote->host.get_extension(&remote->host, id.c_str()) != nullptr;
      return answer_status(message, granted ? TOCSIN_OK : TOCSIN_E_DENIED);
    }
    case Kind::kLog:
      return write_log(*remote, message);
    case Kind::kLeftOut:
      return remote->faults.left_out(static_cast<std::uint32_t>(message.handle));
    default:
      if (message.call != 0) answer_status(message, TOCSIN_E_INVALID);
  }
}

void Supervisor::answer(const wire::Message& question, std::string payload) {
  const Lock lock(mutex_);
  packer_.add({Kind::kReply, question.instance, question.call, 0, std::move(payload)});
}

void Supervisor::answer_status(const wire::Message& question, tocsin_status status) {
  answer(question, {reinterpret_cast<const char*>(&status), sizeof status});
}

template <class Table, class Request, class Submit>
void Supervisor::submit(Remote& remote, wire::Message& message, const char* id, const Submit& call) {
  wire::Shelf shelf;
  wire::Reader read(message.payload, shelf);
  std::uint64_t number = 0;
  Request request{};
  read(number);
  pass(read, request);
  const auto* const table = extension<Table>(remote, id);
  if (!read.good() || table == nullptr) {
    return answer_status(message, table == nullptr ? TOCSIN_E_DENIED : TOCSIN_E_INVALID);
  }
  std::uint64_t exchange = 0;
  bool is_counted = false;
  {
    const Lock lock(mutex_);
    exchange = ++remote.last_number;
    remote.exchanges[exchange] = {generation_, number};
    const auto found = remote.deliveries.find(message.handle);
    is_counted = found != remote.deliveries.end();
    if (is_counted) ++found->second.exchanges;
  }
  const tocsin_status status = call(*table, request, exchange);
  if (status != TOCSIN_OK) {
    const Lock lock(mutex_);
    remote.exchanges.erase(exchange);
    const auto found = remote.deliveries.find(message.handle);
    if (is_counted && found != remote.deliveries.end()) --found->second.exchanges;
  }
  answer_status(message, status);
}

void Supervisor::check_mail(Remote& remote, const wire::Message& message) {
  wire::Shelf shelf;
  wire::Reader read(message.payload, shelf);
  tocsin_smtp_mail mail{};
  pass(read, mail);
  tocsin_error error{};
  error.size = sizeof error;
  const auto* const smtp = extension<tocsin_smtp>(remote, TOCSIN_EXT_SMTP);
  std::int32_t status = TOCSIN_E_INVALID;
  if (smtp == nullptr) status = TOCSIN_E_DENIED;
  if (smtp != nullptr && read.good()) status = smtp->check(&remote.host, &mail, &error);
  std::string out;
  wire::Writer write(out);
  write(status, std::string(error.text));
  answer(message, std::move(out));
}

void Supervisor::start_timer(Remote& remote, const wire::Message& message) {
  wire::Shelf shelf;
  wire::Reader read(message.payload, shelf);
  std::int64_t delay_ms = 0;
  read(delay_ms);
  const auto* const clock = extension<tocsin_clock>(remote, TOCSIN_EXT_CLOCK);
  std::int32_t status = clock == nullptr ? TOCSIN_E_DENIED : TOCSIN_E_INVALID;
  std::uint64_t host_timer = 0;
  if (clock != nullptr && read.good()) {
    std::uint64_t id = 0;
    {
      const Lock lock(mutex_);
      id = ++remote.last_number;
      remote.timers[id] = {message.handle, 0};
    }
    status = clock->start_timer(&remote.host, delay_ms, &sandbox::timer_due, as_user(id), &host_timer);
    const Lock lock(mutex_);
    const auto found = remote.timers.find(id);
    if (found != remote.timers.end()) {
      if (status == TOCSIN_OK) {
        found->second.host_timer = host_timer;
      } else {
        remote.timers.erase(found);
      }
    }
  }
  std::string out;
  wire::Writer write(out);
  write(status, host_timer);
  answer(message, std::move(out));
}

void Supervisor::cancel_timer(Remote& remote, std::uint64_t host_timer) {
  const auto* const clock = extension<tocsin_clock>(remote, TOCSIN_EXT_CLOCK);
  if (clock == nullptr || clock->cancel_timer(&remote.host, host_timer) != TOCSIN_OK) return;
  const Lock lock(mutex_);
  std::erase_if(remote.timers, [&](const auto& timer) { return timer.second.host_timer == host_timer; });
}

void Supervisor::sign(Remote& remote, const wire::Message& message) {
  wire::Shelf shelf;
  wire::Reader read(message.payload, shelf);
  tocsin_str key{};
  std::uint32_t key_form = 0;
  const tocsin_str* parts = nullptr;
  std::size_t count = 0;
  read(key, key_form);
  read.list(parts, count);
  const auto* const secret = extension<tocsin_secret>(remote, TOCSIN_EXT_SECRET);
  std::int32_t status = secret == nullptr ? TOCSIN_E_DENIED : TOCSIN_E_INVALID;
  std::array<std::uint8_t, 64> made{};
  const bool is_hmac = message.kind == Kind::kHmac;
  if (secret != nullptr && read.good()) {
    status = (is_hmac ? secret->hmac_sha256 : secret->sign_ed25519)(&remote.host, key, key_form, parts, count,
                                                                    made.data());
  }
  std::string out;
  wire::Writer write(out);
  write(status, tocsin_str{reinterpret_cast<const char*>(made.data()), is_hmac ? 32U : 64U});
  answer(message, std::move(out));
}

void Supervisor::complete(const std::shared_ptr<Remote>& remote, const wire::Message& message) {
  wire::Shelf shelf;
  wire::Reader read(message.payload, shelf);
  tocsin_outcome outcome{};
  if (!message.payload.empty()) pass(read, outcome);
  bool is_its_own = false;
  {
    const Lock lock(mutex_);
    const auto found = remote->deliveries.find(message.handle);
    is_its_own = found != remote->deliveries.end() && found->second.is_given;
    if (is_its_own) {
      if (!crashes_of_.empty()) crashes_of_.erase(found->second.key);
      leave(*remote, message.handle);
      if (!waiting_.empty() || !waiting_alone_.empty()) give_waiting();
    }
  }
  // A handle that the process was not given may be one that it guessed, of a delivery which is just being
  // made.
  if (!is_its_own) return remote->faults.complete_late(message.handle);
  const bool is_there = !message.payload.empty() && read.good();
  remote->host.complete(&remote->host, plugin::to_delivery(message.handle), is_there ? &outcome : nullptr);
}

void Supervisor::threw(const std::shared_ptr<Remote>& remote, const wire::Message& message) {
  wire::Shelf shelf;
  wire::Reader read(message.payload, shelf);
  std::string where;
  std::string what;
  read(where, what);
  bool is_its_own = false;
  {
    const Lock lock(mutex_);
    const auto found = remote->deliveries.find(message.handle);
    is_its_own = found != remote->deliveries.end() && found->second.is_given;
    if (is_its_own) leave(*remote, message.handle);
    give_waiting();
  }
  // Of what it says beside a delivery no more reaches the log than of what it writes.
  if (!is_its_own && ++lines_ > kLinesAPing) return;
  remote->faults.threw(is_its_own ? message.handle : 0, where, what);
}

void Supervisor::write_log(Remote& remote, const wire::Message& message) {
  wire::Shelf shelf;
  wire::Reader read(message.payload, shelf);
  std::uint32_t level = 0;
  tocsin_str text{};
  const tocsin_kv* fields = nullptr;
  std::size_t count = 0;
  read(level, text);
  read.list(fields, count);
  const auto* const log = extension<tocsin_log>(remote, TOCSIN_EXT_LOG);
  if (log != nullptr && read.good()) {
    log->write(&remote.host, plugin::to_delivery(message.handle), level, text, fields, count);
  }
}

}  // namespace tocsin::sandbox
