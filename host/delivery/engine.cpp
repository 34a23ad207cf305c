// The engine's face; the work is in core.hpp.
#include "delivery/engine.hpp"

#include <utility>

#include "delivery/core.hpp"

namespace tocsin::delivery {

Engine::Engine(store::Writer& writer, const Clock& clock, EngineOptions options)
    : core_(std::make_unique<Core>(writer, clock, options)) {}

Engine::~Engine() = default;

void Engine::configure(std::vector<ChannelSetup> channels,
                       const std::vector<store::ChannelBacklog>& backlogs) {
  core_->configure(std::move(channels), backlogs);
}

void Engine::start() {
  core_->start();
}

bool Engine::admit(ChannelId channel) {
  return core_->admit(channel);
}

void Engine::offer(std::span<store::NewEvent> events, std::span<const Result<store::Accepted>> results) {
  core_->offer(events, results);
}

void Engine::on_trouble(TroubleHook hook) {
  core_->on_trouble(std::move(hook));
}

plugin::JobSink& Engine::sink() {
  return *core_;
}

void Engine::pause(ChannelId channel, bool paused) {
  core_->pause(channel, paused);
}

std::vector<ChannelStatus> Engine::statuses() const {
  return core_->statuses();
}

void Engine::recall(const std::vector<store::ChannelBacklog>& reopened) {
  core_->recall(reopened);
}

bool Engine::take_back(ChannelId channel, DeliveryId delivery) {
  return core_->take_back(channel, delivery);
}

Result<void> Engine::expect_test(ChannelId channel, DeliveryId delivery, std::int64_t patience_ms,
                                 TestDone done) {
  return core_->expect_test(channel, delivery, patience_ms, std::move(done));
}

void Engine::forget_test(DeliveryId delivery) {
  core_->forget_test(delivery);
}

Result<void> Engine::verify(ChannelId channel, std::int64_t patience_ms, TestDone done) {
  return core_->verify(channel, patience_ms, std::move(done));
}

void Engine::drain(std::int64_t grace_ms) {
  core_->drain(grace_ms);
}

void Engine::wake() {
  core_->wake();
}

}  // namespace tocsin::delivery
