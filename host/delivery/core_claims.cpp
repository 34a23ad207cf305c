// The way between memory and the store: claims of what is due, one at a time a channel and a few at a time in
// all, and giving back. See core.hpp.
#include <utility>

#include "delivery/core.hpp"

namespace tocsin::delivery {

void Engine::Core::ask_for_claim(ChannelQueue& channel) {
  if (channel.in_claim_line || channel.blocked(now_)) return;
  const std::uint32_t window = channel.probing(now_) ? 0 : channel.setup().window;
  if (!channel.backlog.wants_claim(now_, channel.waiting_deliveries(), window)) return;
  channel.in_claim_line = true;
  claim_line_.push_back(channel.setup().id);
}

void Engine::Core::send_claims() {
  while (claims_out_ < kMaxClaimsOut && !claim_line_.empty()) {
    const ChannelId id = claim_line_.front();
    claim_line_.pop_front();
    ChannelQueue* channel = find_channel(id);
    if (channel == nullptr) continue;
    channel->in_claim_line = false;
    const bool probing = channel->probing(now_);
    const std::uint32_t window = probing ? 0 : channel->setup().window;
    const std::size_t waiting = channel->waiting_deliveries();
    if (channel->blocked(now_) || !channel->backlog.wants_claim(now_, waiting, window)) continue;
    const std::size_t most = probing ? 1 : std::max<std::size_t>(options_.hot_queue / 2, 1);
    const std::size_t asked = channel->backlog.begin_claim(now_, waiting, window, most);
    store::ClaimWish wish(asked);
    wish.digests = channel->setup().takes_digests;
    // A probe is one delivery where it can be: should it fail, the others have lost no try by it.
    wish.collapse = probing ? 0 : channel->setup().collapse;
    ++claims_out_;
    writer_.claim(id, wish, [inbox = inbox_, id, asked](Result<std::vector<store::Claimed>> claimed) {
      inbox->send(ClaimAnswer{id, asked, std::move(claimed)});
    });
  }
}

void Engine::Core::handle(ClaimAnswer& answer) {
  --claims_out_;
  ChannelQueue* channel = find_channel(answer.channel);
  if (!answer.claimed) {
    if (channel != nullptr) {
      channel->backlog.claim_failed(now_);
      list(*channel);
    }
    return;
  }
  if (channel == nullptr || draining_) {
    for (const auto& claimed : *answer.claimed) releases_.push_back(claimed.delivery);
    return;
  }
  const bool cut = !answer.claimed->empty() && answer.claimed->back().more;
  channel->backlog.claimed(now_, cut ? answer.claimed->size() : answer.asked, answer.claimed->size());
  push_claimed(*channel, *answer.claimed);
  list(*channel);
}

void Engine::Core::push_claimed(ChannelQueue& channel, std::vector<store::Claimed>& claimed) {
  std::optional<Waiting> digest;
  for (auto& row : claimed) {
    if (digest) {
      digest->digest->others.push_back({row.delivery, row.tries});
      digest->digest->events.push_back(std::move(row.event));
      continue;
    }
    Waiting waiting{row.delivery, row.tries, std::move(row.event), std::move(row.carry)};
    if (row.message == 0) {
      channel.push(std::move(waiting), false);
      continue;
    }
    waiting.digest = std::make_unique<Waiting::Digest>();
    waiting.digest->message = row.message;
    digest = std::move(waiting);
  }
  if (digest) channel.push(std::move(*digest), false);
}

void Engine::Core::recall(const std::vector<store::ChannelBacklog>& reopened) {
  Offered offered;
  for (const auto& each : reopened) offered.cold.push_back({each.channel, each.unfinished, 0});
  if (!offered.cold.empty()) send(std::move(offered));
}

bool Engine::Core::take_back(ChannelId id, DeliveryId delivery) {
  bool taken = false;
  run_on_core([&] {
    ChannelQueue* channel = find_channel(id);
    taken = channel != nullptr && channel->take_back(delivery);
    if (taken) list(*channel);
  });
  return taken;
}

void Engine::Core::flush_releases() {
  if (releases_.empty()) return;
  writer_.release(std::move(releases_));
  releases_ = {};
}

}  // namespace tocsin::delivery
