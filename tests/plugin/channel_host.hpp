// What an instance needs around it, for real: a pool, a vault, the egress engine, a sink that waits; and a
// plugin table in memory whose functions a test writes as lambdas. No mock of the host stands here.
#pragma once

#include <tocsin/ext/clock.h>
#include <tocsin/ext/http.h>
#include <tocsin/ext/log.h>
#include <tocsin/ext/secret.h>
#include <tocsin/ext/smtp.h>
#include <tocsin/plugin.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/channel_instance.hpp"
#include "plugin/plugin_set.hpp"

namespace tocsin::plugin::tests {

// One plugin in memory. Its functions call the lambdas; unset ones do the ordinary thing.
struct Script {
  std::function<void(const tocsin_doc& settings)> create;
  std::function<tocsin_instance*(tocsin_error*)> refuse;  // set: answers create()
  std::function<void(const tocsin_message&, tocsin_delivery*)> deliver;
  std::function<void(tocsin_delivery*)> cancel;
  std::function<void(tocsin_delivery*)> verify;
  std::function<void()> destroy;

  const tocsin_host* host = nullptr;  // from create() on
  std::atomic<int> destroyed{0};

  void complete(tocsin_delivery* delivery, int status = TOCSIN_DELIVERED, const char* code = "",
                const char* detail = "") const;
  template <class Table>
  const Table& extension(const char* id) const {
    return *static_cast<const Table*>(host->get_extension(host, id));
  }
  [[nodiscard]] const tocsin_http& http() const { return extension<tocsin_http>(TOCSIN_EXT_HTTP); }
  [[nodiscard]] const tocsin_smtp& smtp() const { return extension<tocsin_smtp>(TOCSIN_EXT_SMTP); }
  [[nodiscard]] const tocsin_clock& clock() const { return extension<tocsin_clock>(TOCSIN_EXT_CLOCK); }
  [[nodiscard]] const tocsin_secret& secret() const { return extension<tocsin_secret>(TOCSIN_EXT_SECRET); }
};

// The descriptor of such a plugin; change a field before adding it to a set.
struct Table {
  Table();
  tocsin_channel_type type{};
  const tocsin_channel_type* types[1]{&type};
  tocsin_plugin plugin{};
  const char* requires_ext[6]{TOCSIN_EXT_HTTP,   TOCSIN_EXT_SMTP, TOCSIN_EXT_CLOCK,
                              TOCSIN_EXT_SECRET, TOCSIN_EXT_LOG,  nullptr};
  const char* egress[3]{"settings:/url", "settings:/server,/port", nullptr};
  tocsin_channel_api api{};  // to change, and to point type.api at
};

class Sink final : public JobSink {
 public:
  void job_done(JobResult result) override;
  // The first `count` results in order; fails the test after a generous deadline.
  std::vector<JobResult> wait(std::size_t count);
  [[nodiscard]] std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<JobResult> results_;
};

// A one-way signal between threads of a test.
class Signal {
 public:
  void set();
  [[nodiscard]] bool wait();  // false after a generous deadline
 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

class ChannelHost {
 public:
  explicit ChannelHost(unsigned threads = 2, bool batched = true, bool mail_without_tls = false);
  ~ChannelHost();

  // The instance of `script`, with settings checked as at saving. One at a time is being made.
  Result<std::shared_ptr<ChannelInstance>> make(Script& script, const Table& table = Table(),
                                                const std::string& settings = "{}");
  [[nodiscard]] std::vector<std::string> log() const;

  ManualClock clock;
  security::SecretVault vault;
  std::unique_ptr<net::ExchangeEngine> exchanges;
  PluginPool pool;
  Sink sink;

 private:
  struct Lines {
    std::mutex mutex;
    std::vector<std::string> lines;
  };
  const std::shared_ptr<Lines> log_ = std::make_shared<Lines>();  // the doors of plugins outlive a test

 public:
  Services services;

 private:
  bool mail_without_tls_;
};

[[nodiscard]] Job make_job(DeliveryId delivery, const std::string& title = "Disk full");

}  // namespace tocsin::plugin::tests
