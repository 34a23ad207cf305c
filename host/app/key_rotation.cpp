// Sealing with the active master key what older ones have sealed, a small batch at a time between changes, so
// that neither deliveries nor changes wait for it. Each batch is durable; whoever asks again after a crash
// goes on with what is left. See team_editor.hpp.
#include <algorithm>

#include "app/on_store.hpp"
#include "app/team_editor.hpp"
#include "ops/log.hpp"

namespace tocsin::app {
namespace {

constexpr std::size_t kBatch = 16;
constexpr std::size_t kMostNamed = 100;

}  // namespace

void TeamEditor::rotate() {
  {
    const std::lock_guard lock(mutex_);
    if (rotation_.running) return;
    rotation_ = {};
    rotation_.running = true;
  }
  changed_.notify_all();
}

api::RotationProgress TeamEditor::rotation() const {
  const std::lock_guard lock(mutex_);
  return rotation_;
}

// Under hold(), so that what is in memory and what is stored stay the same: a change keeps the sealed bytes
// of the secrets it does not touch.
void TeamEditor::rotate_some() {
  const security::KeyRing& keys = *base_.keys;
  if (rotation_key_ != keys.active()) {  // from the beginning, for what was sealed with the one before
    rotation_key_ = keys.active();
    rotation_place_ = {};
    const std::lock_guard lock(mutex_);
    rotation_.failed = 0;
    rotation_.unopened.clear();
  }
  if (const auto able = keys.can_seal(); !able) return end_rotation(able.error().detail);
  const auto values = on_store(writer_, [&](store::Store& store) {
    return store.list_secrets(rotation_key_, rotation_place_, kBatch);
  });
  if (!values) return end_rotation(values.error().detail);
  if (values->empty()) return end_rotation("");
  if (const auto kept = rewrap(*values); !kept) return end_rotation(kept.error().detail);
  rotation_place_ = values->back().at;
}

Result<void> TeamEditor::rewrap(const std::vector<store::SealedValue>& values) {
  std::vector<store::Rewrapped> rewrapped;
  for (const store::SealedValue& value : values) {
    const security::SecretPlace place{value.team_name, value.at.name, value.at.pointer};
    const auto opened = base_.keys->open({value.key, value.sealed}, place);
    if (!opened) {
      note_unopened(value, opened.error());
      continue;
    }
    auto sealed = base_.keys->seal(*opened, place);
    if (!sealed) return sealed.error();
    rewrapped.push_back({value.at, value.sealed, std::move(sealed->key), std::move(sealed->bytes)});
  }
  if (rewrapped.empty()) return {};
  const auto replaced = on_store(writer_, [&](store::Store& store) { return store.rewrap(rewrapped); });
  if (!replaced) return replaced.error();
  std::int64_t done = 0;
  for (std::size_t i = 0; i < rewrapped.size(); ++i) {
    if (!(*replaced)[i]) continue;
    ++done;
    const store::Rewrapped& now = rewrapped[i];
    for (Object& object : objects_) {
      if (object.record.team != now.at.team || object.record.kind != now.at.kind ||
          object.record.name != now.at.name) {
        continue;
      }
      for (store::StoredSecret& secret : object.record.secrets) {
        if (secret.pointer != now.at.pointer || secret.sealed != now.before) continue;
        secret.key = now.key;
        secret.sealed = now.sealed;
      }
    }
  }
  const std::lock_guard lock(mutex_);
  rotation_.done += done;
  return {};
}

void TeamEditor::note_unopened(const store::SealedValue& value, const Error& why) {
  const std::string pointer = "/settings" + value.at.pointer;
  ops::log_error(
      "app", "a secret does not open, so its master key is not changed; it is left as it is",
      {{"team", value.team_name}, {"channel", value.at.name}, {"field", pointer}, {"reason", why.detail}});
  const std::lock_guard lock(mutex_);
  ++rotation_.failed;
  if (rotation_.unopened.size() < kMostNamed) {
    rotation_.unopened.push_back({value.team_name, value.at.name, pointer, why.detail});
  }
}

void TeamEditor::end_rotation(const std::string& problem) {
  rotation_key_.clear();
  api::RotationProgress ended;
  {
    const std::lock_guard lock(mutex_);
    rotation_.running = false;
    rotation_.problem = problem;
    ended = rotation_;
  }
  if (problem.empty()) {
    ops::log_info("app", "secrets are sealed with the active master key",
                  {{"key", base_.keys->active()}, {"done", ended.done}, {"failed", ended.failed}});
  } else {
    ops::log_error("app", "sealing secrets with the active master key has ended early",
                   {{"done", ended.done}, {"reason", problem}});
  }
}

}  // namespace tocsin::app
