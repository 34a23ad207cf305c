// One instance of the plugin in this process: the host as the plugin sees it, and what the plugin waits for.
// Every rule of the house is kept by the daemon; what is here only carries calls over and answers back.
#pragma once

#include <tocsin/plugin.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "model/clock.hpp"
#include "plugin_host/guest_door.hpp"
#include "plugin_host/link.hpp"
#include "wire/abi.hpp"

namespace tocsin::plugin_host {

using Handle = std::uint64_t;

// Bytes from the daemon and what was read of them.
struct Held {
  std::string bytes;
  wire::Shelf shelf;
};

class BlockingThread;

class Guest : public std::enable_shared_from_this<Guest> {
 public:
  Guest(Link& link, const Clock& clock, const tocsin_channel_type& type, std::uint32_t number);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // [control] and [strand] Does what the daemon wants of this instance.
  void handle(wire::Message message);
  // True: it went to the instance's own thread, since its plugin may block.
  [[nodiscard]] bool hand_over(wire::Message& message);

  // What the plugin's calls lead to. [any]
  // Null: the plugin calls too late, and gets TOCSIN_E_CLOSING or nothing (guest_door.hpp).
  static std::shared_ptr<Guest> of(const tocsin_host* host) { return GuestDoor::enter(host); }
  const void* find_extension(const char* id);
  void complete(Handle handle, const tocsin_outcome* outcome);
  tocsin_status submit(Handle handle, const tocsin_http_request* request, tocsin_http_fn callback,
                       void* user);
  tocsin_status submit_mail(Handle handle, const tocsin_smtp_mail* mail, tocsin_smtp_fn callback, void* user);
  tocsin_status check_mail(const tocsin_smtp_mail* mail, tocsin_error* error);
  tocsin_status put_item(Handle handle, const tocsin_inbox_item* item, tocsin_inbox_fn callback, void* user);
  tocsin_status start_timer(std::int64_t delay_ms, tocsin_timer_fn callback, void* user,
                            std::uint64_t* timer);
  tocsin_status cancel_timer(std::uint64_t timer);
  tocsin_status sign(wire::Kind kind, tocsin_str key, std::uint32_t key_form, const tocsin_str* parts,
                     std::size_t n_parts, std::uint8_t* out, std::size_t size);
  void write_log(Handle handle, std::uint32_t level, tocsin_str text, const tocsin_kv* fields, std::size_t n);
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  // What the plugin gave to be called back: with the user's pointer, under a number the daemon carries.
  struct Pending {
    wire::Kind kind = wire::Kind::kHttpDone;
    tocsin_http_fn http = nullptr;
    tocsin_smtp_fn mail = nullptr;
    tocsin_inbox_fn put = nullptr;
    void* user = nullptr;
  };
  struct Timer {
    tocsin_timer_fn callback = nullptr;
    void* user = nullptr;
    std::uint64_t host_timer = 0;  // the daemon's number; 0: it answers in a moment
  };

  void obey(wire::Message message);
  void create(wire::Message& message);
  void deliver(wire::Message& message);
  void verify(const wire::Message& message);
  void cancel(const wire::Message& message);
  void destroy();
  template <class Answer, class Call>
  void call_back(wire::Message& message, const char* where, const Call& call);
  void fire_timer(const wire::Message& message);

  [[nodiscard]] wire::Message message(wire::Kind kind, Handle handle = 0) const;
  [[nodiscard]] tocsin_status ask_status(wire::Message question);
  [[nodiscard]] tocsin_status submit(wire::Message question, Pending pending);
  template <class Call>
  void guarded(Handle handle, const char* where, const Call& call);
  void count_lines();  // behind each message: what was too much is told, and the count begins anew

  Link& link_;
  const Clock& clock_;
  const tocsin_channel_type& type_;
  const std::uint32_t number_;
  GuestDoor* door_ = nullptr;          // since create()
  tocsin_instance* plugin_ = nullptr;  // [strand]
  std::unique_ptr<BlockingThread> thread_;

  std::mutex mutex_;
  std::map<Handle, std::unique_ptr<Held>> messages_;
  std::map<std::uint64_t, Pending> pending_;
  std::map<std::uint64_t, Timer> timers_;
  std::map<std::string, const void*, std::less<>> granted_;
  std::uint64_t last_number_ = 0;
  std::int64_t log_second_ = 0;
  std::uint32_t log_lines_ = 0, log_left_out_ = 0;  // in that second; not told yet
};

// The table of an extension this process can carry; null: none of that name.
[[nodiscard]] const void* find_table(std::string_view id);

}  // namespace tocsin::plugin_host
