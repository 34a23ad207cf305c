// See sink.hpp.
#include "ctl/sink.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json.hpp>
#include <csignal>

#include "ctl/fields.hpp"
#include "model/json_text.hpp"
#include "security/signature.hpp"

namespace tocsin::ctl {
namespace {

constexpr std::int64_t kNever = 24LL * 3600 * 1000;  // a "hang" outlasts every sender's timeout

// SplitMix64: a uniform share in [0, 1) from a seed and a position, without state between calls.
double share_of(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t z = seed * 0x9e3779b97f4a7c15ULL + (n + 1) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  z ^= z >> 31U;
  return static_cast<double>(z >> 11U) * 0x1.0p-53;
}

std::string describe_answer(Fault fault, const net::HttpResponse& answer) {
  if (fault == Fault::kHang) return "no answer";
  if (fault == Fault::kReset) return "reset";
  return std::to_string(answer.status);
}

// What of a delivery's body is worth a line; empty values where it is no event.
struct Glance {
  std::string event, type, title;
};

Glance glance_at(const std::string& body) {
  boost::system::error_code fault;
  const auto value = boost::json::parse(body, fault);
  if (fault) return {};
  const auto* data = find_field(value, "data");
  return data == nullptr ? Glance{{}, text_of(value, "type"), {}}
                         : Glance{text_of(*data, "id"), text_of(value, "type"), text_of(*data, "title")};
}

}  // namespace

std::string_view to_string(Signature signature) {
  switch (signature) {
    case Signature::kVerified:
      return "signature verified";
    case Signature::kBad:
      return "BAD signature";
    case Signature::kUnsigned:
      return "unsigned";
    case Signature::kUnchecked:
      return "signature not checked (no --secret)";
  }
  return "";
}

Fault plan_fault(const SinkOptions& options, std::uint64_t n) {
  double share = share_of(options.seed, n);
  if (share < options.hang_rate) return Fault::kHang;
  share -= options.hang_rate;
  if (share < options.reset_rate) return Fault::kReset;
  share -= options.reset_rate;
  return share < options.fail_rate ? Fault::kStatus : Fault::kNone;
}

net::HttpResponse make_answer(const SinkOptions& options, Fault fault) {
  net::HttpResponse answer;
  answer.content_type = "text/plain";
  answer.delay_ms = fault == Fault::kHang ? kNever : options.delay_ms;
  answer.reset = fault == Fault::kReset;
  answer.status = fault == Fault::kStatus ? options.fail_status : options.status;
  answer.body = answer.status < 300 ? "ok\n" : "told to fail\n";
  if (answer.status >= 300 && options.retry_after >= 0) {
    answer.headers.push_back({"Retry-After", std::to_string(options.retry_after)});
  }
  return answer;
}

Sink::Sink(SinkOptions options, const Clock& clock, Console console, std::function<void()> finished)
    : options_(std::move(options)), clock_(clock), console_(console), finished_(std::move(finished)) {}

Sink::~Sink() = default;

Result<std::unique_ptr<Sink>> Sink::open(SinkOptions options, const Clock& clock, Console console,
                                         std::function<void()> finished) {
  std::unique_ptr<Sink> sink(new Sink(std::move(options), clock, console, std::move(finished)));
  if (!sink->options_.secret.empty()) {
    auto key = security::webhook_key(sink->options_.secret);
    if (!key) return key.error();
    sink->key_ = std::move(*key);
  }
  if (!sink->options_.record.empty()) {
    sink->record_.open(sink->options_.record, std::ios::app);
    if (!sink->record_) {
      return make_error(Errc::kIo, "--record: cannot write " + sink->options_.record);
    }
  }
  net::ServerOptions server;
  server.listen = {sink->options_.listen};
  server.hosts = {"*"};
  auto opened = net::HttpServer::open(
      server, [raw = sink.get()](const net::HttpRequest& request, net::Responder responder) {
        raw->receive(request, std::move(responder));
      });
  if (!opened) return opened.error();
  sink->server_ = std::move(*opened);
  return sink;
}

const std::string& Sink::address() const {
  return server_->addresses().front();
}

void Sink::start() {
  server_->start();
}

void Sink::stop() {
  server_->stop(200);
}

void Sink::receive(const net::HttpRequest& request, net::Responder responder) {
  const auto fault = plan_fault(options_, received_++);
  auto answer = make_answer(options_, fault);
  const auto signature = check(request);
  if (signature == Signature::kBad) ++bad_;
  const auto described = describe_answer(fault, answer);
  if (record_.is_open()) write_record(request, signature, described);
  if (!console_.quiet) write_line(request, signature, described);
  responder.send(std::move(answer));
  if (received_ == options_.count) finished_();
}

Signature Sink::check(const net::HttpRequest& request) const {
  const auto signatures = request.header("webhook-signature");
  if (signatures.empty()) return Signature::kUnsigned;
  if (options_.secret.empty()) return Signature::kUnchecked;
  const bool holds =
      security::verify_webhook(key_, request.header("webhook-id"), request.header("webhook-timestamp"),
                               signatures, request.body, clock_.unix_ms() / 1000);
  return holds ? Signature::kVerified : Signature::kBad;
}

void Sink::write_line(const net::HttpRequest& request, Signature signature, const std::string& answer) {
  if (console_.json) return write_record(request, signature, answer);
  const auto glance = glance_at(request.body);
  const auto time = format_rfc3339(clock_.unix_ms());
  console_.out << time.substr(11, 12) << "  " << printable(request.header("webhook-id")) << "  "
               << printable(glance.type) << "  \"" << printable(glance.title) << "\"  "
               << to_string(signature) << "  -> " << answer << std::endl;
}

// {"id","event","time","verified","answered"}: `verified` is null where there was nothing to check.
void Sink::write_record(const net::HttpRequest& request, Signature signature, const std::string& answer) {
  std::string line = "{\"id\":";
  append_json_string(line, request.header("webhook-id"));
  line += ",\"event\":";
  append_json_string(line, glance_at(request.body).event);
  line += ",\"time\":" + std::to_string(clock_.unix_ms()) + ",\"verified\":";
  line += signature == Signature::kVerified ? "true" : signature == Signature::kBad ? "false" : "null";
  line += ",\"answered\":";
  append_json_string(line, answer);
  line += "}";
  if (record_.is_open()) record_ << line << std::endl;
  if (console_.json && !console_.quiet) console_.out << line << std::endl;
}

Exit run_sink(const SinkOptions& options, Console& console) {
  boost::asio::io_context waiting(1);
  boost::asio::signal_set signals(waiting, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { waiting.stop(); });
  const SystemClock clock;
  auto sink =
      Sink::open(options, clock, console, [&] { boost::asio::post(waiting, [&] { waiting.stop(); }); });
  if (!sink) {
    console.err << "tocsin sink: " << sink.error().detail << '\n';
    return Exit::kFailed;
  }
  console.err << "receiving webhooks on http://" << (*sink)->address() << "/ (any path)" << std::endl;
  (*sink)->start();
  waiting.run();
  (*sink)->stop();
  return (*sink)->bad_signatures() == 0 ? Exit::kOk : Exit::kFailed;
}

}  // namespace tocsin::ctl
