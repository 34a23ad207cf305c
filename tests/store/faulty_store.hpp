// A real engine that is told what to answer instead of writing, at points of the test's choice.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "store/store.hpp"

namespace tocsin::store {

class FaultyStore final : public Store {
 public:
  explicit FaultyStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}
  std::function<std::optional<Error>(std::size_t events, std::size_t finishes)> fault;
  std::function<std::optional<Error>(std::size_t writes)> inbox_fault;

  using Store::write;
  Result<WriteResult> write(std::span<const NewEvent> events, std::span<const Finish> finishes,
                            std::span<const InboxWrite> inbox, std::int64_t now_ms) override {
    if (fault) {
      if (auto error = fault(events.size(), finishes.size())) return *error;
    }
    if (inbox_fault && !inbox.empty()) {
      if (auto error = inbox_fault(inbox.size())) return *error;
    }
    return store_->write(events, finishes, inbox, now_ms);
  }
  Result<std::vector<TeamId>> resolve_teams(std::span<const std::string> names) override {
    return store_->resolve_teams(names);
  }
  Result<std::vector<ChannelId>> resolve_channels(std::span<const ChannelKey> keys) override {
    return store_->resolve_channels(keys);
  }
  Result<std::int64_t> put_generation(TeamId team, const std::string& definition) override {
    return store_->put_generation(team, definition);
  }
  Result<std::vector<Claimed>> claim(ChannelId channel, std::int64_t now_ms, const ClaimWish& wish) override {
    return store_->claim(channel, now_ms, wish);
  }
  Result<void> release(std::span<const DeliveryId> deliveries, std::int64_t now_ms) override {
    return store_->release(deliveries, now_ms);
  }
  Result<void> add_audit(const AuditRecord& record) override { return store_->add_audit(record); }
  Result<std::vector<ChannelBacklog>> reopen(std::span<const DeliveryId> deliveries,
                                             std::int64_t now_ms) override {
    return store_->reopen(deliveries, now_ms);
  }
  Result<bool> cancel(DeliveryId delivery, bool taken, const std::string& reason,
                      std::int64_t now_ms) override {
    return store_->cancel(delivery, taken, reason, now_ms);
  }
  Result<std::size_t> cancel_channel(ChannelId channel, const std::string& reason,
                                     std::int64_t now_ms) override {
    return store_->cancel_channel(channel, reason, now_ms);
  }
  Result<std::vector<ChannelBacklog>> list_backlogs() override { return store_->list_backlogs(); }
  Result<std::vector<std::pair<ChannelId, ChannelKey>>> list_channels() override {
    return store_->list_channels();
  }
  Result<std::vector<ObjectRecord>> list_objects() override { return store_->list_objects(); }
  Result<std::int64_t> write_object(const ObjectWrite& write, std::int64_t now_ms) override {
    return store_->write_object(write, now_ms);
  }
  Result<void> order_objects(const ObjectOrder& order) override { return store_->order_objects(order); }
  Result<std::vector<SealedValue>> list_secrets(const std::string& key, const SecretAt& after,
                                                std::size_t limit) override {
    return store_->list_secrets(key, after, limit);
  }
  Result<std::vector<bool>> rewrap(std::span<const Rewrapped> values) override {
    return store_->rewrap(values);
  }
  Result<std::size_t> trim_audit(std::int64_t before_ms, std::size_t limit) override {
    return store_->trim_audit(before_ms, limit);
  }
  [[nodiscard]] std::int64_t free_bytes() const override { return store_->free_bytes(); }
  Result<std::vector<SessionRecord>> list_sessions() override { return store_->list_sessions(); }
  Result<void> add_session(const SessionRecord& session, std::int64_t now_ms) override {
    return store_->add_session(session, now_ms);
  }
  Result<void> end_session(const SessionHash& hash) override { return store_->end_session(hash); }
  Result<std::vector<TokenRecord>> list_tokens() override { return store_->list_tokens(); }
  Result<void> add_token(const TokenRecord& token) override { return store_->add_token(token); }
  Result<void> revoke_token(const std::string& name, std::int64_t now_ms) override {
    return store_->revoke_token(name, now_ms);
  }
  Result<void> note_token_uses(std::span<const TokenUse> uses) override {
    return store_->note_token_uses(uses);
  }
  Result<std::size_t> delete_expired(std::int64_t before_ms, std::size_t limit) override {
    return store_->delete_expired(before_ms, limit);
  }
  Result<std::size_t> trim_inbox(std::int64_t items_before_ms, std::int64_t changes_before_ms,
                                 std::size_t limit) override {
    return store_->trim_inbox(items_before_ms, changes_before_ms, limit);
  }
  Result<void> checkpoint() override { return store_->checkpoint(); }
  std::int64_t log_bytes() const override { return store_->log_bytes(); }
  std::int64_t epoch() const override { return store_->epoch(); }
  std::int64_t last_number() const override { return store_->last_number(); }
  Result<std::unique_ptr<Reader>> open_reader() override { return store_->open_reader(); }

 private:
  std::unique_ptr<Store> store_;
};

}  // namespace tocsin::store
