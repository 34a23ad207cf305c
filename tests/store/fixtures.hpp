// What the store's tests share: a directory that goes away, events and finishes with sensible fields, and
// the unwrapping of Results.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/store.hpp"

namespace tocsin::store {

class TempDirectory {
 public:
  TempDirectory() : path_((std::filesystem::temp_directory_path() / "tocsin_store_XXXXXX").string()) {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The value, or the test's end with the error's text.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline constexpr std::int64_t kStartMs = 1'795'420'800'000;

inline std::shared_ptr<Event> make_event(EventSeq seq, std::int64_t received_ms = kStartMs) {
  auto event = std::make_shared<Event>();
  event->seq = seq;
  event->id = format_event_id(seq);
  event->team = "platform";
  event->type = "finding.created";
  event->category = Category::kSecurityAlert;
  event->severity = Severity::kHigh;
  event->source = "scanner";
  event->title = "A \"quoted\" title, with a comma";
  event->summary = "Grüße";
  event->labels = {{"data", "x"}, {"env", "prod"}};
  event->data = R"({"score":1.10,"big":123456789012345678901234567890,"text":"a\u0041\"}{","data":{}})";
  event->occurred_ms = received_ms - 1000;
  event->received_ms = received_ms;
  return event;
}

inline NewEvent make_new_event(EventSeq seq, TeamId team, std::vector<NewDelivery> deliveries,
                               std::int64_t received_ms = kStartMs) {
  NewEvent event;
  event.event = make_event(seq, received_ms);
  event.team = team;
  event.generation = 1;
  event.body_hash.fill(7);
  event.deliveries = std::move(deliveries);
  return event;
}

inline Finish make_finish(DeliveryId delivery, std::uint32_t tries, DeliveryState state,
                          std::int64_t due_ms = 0) {
  Finish finish;
  finish.delivery = delivery;
  finish.tries = tries;
  finish.state = state;
  finish.due_ms = due_ms;
  finish.attempt.started_ms = kStartMs + 5;
  finish.attempt.duration_us = 1234;
  finish.attempt.outcome.status = is_final(state) ? OutcomeStatus::kDelivered : OutcomeStatus::kRetry;
  finish.attempt.outcome.code = is_final(state) ? "webhook.http_200" : "webhook.http_503";
  finish.attempt.outcome.retry_after_ms = 2000;
  finish.attempt.outcome.detail = "the answer";
  finish.attempt.outcome.provider_id = "msg-1";
  finish.attempt.http_status = 200;
  finish.attempt.remote_address = "203.0.113.7:443";
  finish.attempt.response = std::string("ok\0null", 7);
  return finish;
}

}  // namespace tocsin::store
