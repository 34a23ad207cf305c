// The way between memory and the store: claims of what is due, one at a time a channel and a few at a time in
// all, and giving back. See core.hpp.
#include <utility>

#include "delivery/core.hpp"

namespace tocsin::delivery {

void Engine::Core::ask_for_claim(ChannelQueue& channel) {
  if (channel.in_claim_line || channel.blocked(now_)) return;
  const std::uint32_t window = channel.probing(now_) ? 0 : channel.setup().window;
  if (!channel.backlog.wants_claim(now_, channel.waiting(), window)) return;
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
    if (channel->blocked(now_) || !channel->backlog.wants_claim(now_, channel->waiting(), window)) continue;
    const std::size_t most = probing ? 1 : std::max<std::size_t>(options_.hot_queue / 2, 1);
    const std::size_t asked = channel->backlog.begin_claim(now_, channel->waiting(), window, most);
    ++claims_out_;
    writer_.claim(id, asked, [inbox = inbox_, id, asked](Result<std::vector<store::Claimed>> claimed) {
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
  for (auto& claimed : *answer.claimed) {
    channel->push({claimed.delivery, claimed.tries, std::move(claimed.event)}, false);
  }
  list(*channel);
}

void Engine::Core::flush_releases() {
  if (releases_.empty()) return;
  writer_.release(std::move(releases_));
  releases_ = {};
}

}  // namespace tocsin::delivery
