// Changes of what teams keep themselves, one at a time on a thread of its own: a change is checked with the
// whole configuration, written to the store and put into force, or nothing has happened. The file's
// configuration is the base; a reload replaces it under the same lock. See docs/decisions/0014. Between
// changes the same thread rotates the master key.
#pragma once

#include <boost/json/object.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/key_rotation.hpp"
#include "api/object_editor.hpp"
#include "config/config.hpp"
#include "config/team_objects.hpp"
#include "model/clock.hpp"
#include "plugin/secret_settings.hpp"
#include "store/writer.hpp"

namespace tocsin::app {

class TeamEditor final : public api::ObjectEditor, public api::KeyRotation {
 public:
  // Puts a configuration into force: checks all of it first, then runs `persist` on the store's thread, then
  // swaps. On failure nothing has changed; faults of a channel's settings have pointers as assembly.hpp
  // writes them.
  using Persist = std::function<Result<void>(store::Store&)>;
  using Apply = std::function<Result<void>(const config::Config& merged, api::ObjectViews views,
                                           const Persist& persist)>;
  using FindType = std::function<std::shared_ptr<const plugin::ChannelType>(const std::string& type)>;

  // Something that a team keeps and that is not in force, each time that is found out.
  struct Unusable {
    std::string team;
    store::ObjectKind kind = store::ObjectKind::kChannel;
    std::string name;
    std::string reason;
    bool left_out = false;  // not there at all; else a channel whose secret does not open
  };
  using TellUnusable = std::function<void(const Unusable&)>;

  TeamEditor(const Clock& clock, store::Writer& writer, FindType find_type, Apply apply,
             TellUnusable tell_unusable);
  ~TeamEditor() override;

  // Held, no change comes into force. For what a reload does beside.
  [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(busy_); }
  // Under hold(). The file's configuration with what the teams keep. An object that does not fit any more is
  // left out, or its channel is unavailable; it is kept and said.
  Result<void> use(config::Config base);

  // [any] Puts what is in force into force once more, on the editor's thread: something that is no
  // configuration has changed what a channel can do.
  void apply_again();

  void start();
  void stop();  // what waits is refused
  void change(api::ObjectChange change, std::function<void(Result<api::ObjectView>)> done) override;
  void rotate() override;
  [[nodiscard]] api::RotationProgress rotation() const override;

 private:
  struct Object {
    store::ObjectRecord record;
    std::string team;
    plugin::Secrets secrets;  // opened
    std::string unusable;     // of a channel that is configured and cannot deliver
    std::string left_out;     // why it is not in the configuration at all
  };
  using Objects = std::vector<Object>;
  struct Waiting {
    api::ObjectChange change;
    std::function<void(Result<api::ObjectView>)> done;
  };

  void run();
  void use_again();                                                                        // under hold()
  [[nodiscard]] bool has_change() const { return stopping_ || again_ || !line_.empty(); }  // under mutex_
  Result<void> load();  // the objects from the store
  void open_secrets(Object& object) const;
  [[nodiscard]] Result<config::Config> merge(const config::Config& base, const Objects& objects) const;
  static bool is_known(const Objects& before, const Object& now);
  // Marks what `error` is about; false: it is about none of them.
  static bool set_aside(Objects& objects, const Error& error);
  [[nodiscard]] api::ObjectViews make_views(const config::Config& base, const Objects& objects) const;

  [[nodiscard]] Result<api::ObjectView> run_change(const api::ObjectChange& change);
  [[nodiscard]] std::optional<config::Config> revive(const std::string& team, Objects& objects) const;
  [[nodiscard]] Result<api::ObjectView> run_order(const api::ObjectChange& change);
  [[nodiscard]] Result<Object> edit(const api::ObjectChange& change, const Object* old) const;
  [[nodiscard]] Result<void> edit_settings(boost::json::object& body, const Object* old, Object& made) const;
  [[nodiscard]] Result<void> judge_way(const boost::json::value& settings, const Object& old,
                                       const Object& made) const;
  [[nodiscard]] Result<void> seal(Object& object) const;
  [[nodiscard]] bool is_in_file(const api::ObjectChange& change) const;

  // key_rotation.cpp
  void rotate_some();
  [[nodiscard]] Result<void> rewrap(const std::vector<store::SealedValue>& values);
  void note_unopened(const store::SealedValue& value, const Error& why);
  void end_rotation(const std::string& problem);

  const Clock& clock_;
  store::Writer& writer_;
  const FindType find_type_;
  const Apply apply_;
  const TellUnusable tell_unusable_;

  std::mutex busy_;  // one change or reload at a time
  config::Config base_;
  std::vector<std::pair<std::string, TeamId>> teams_;  // of the base
  Objects objects_;
  std::string rotation_key_;        // the key that was active at the last batch
  store::SecretAt rotation_place_;  // everything up to here was looked at

  mutable std::mutex mutex_;  // of the line and of the progress
  std::condition_variable changed_;
  std::deque<Waiting> line_;
  api::RotationProgress rotation_;
  bool stopping_ = false;
  bool again_ = false;
  std::thread thread_;
};

}  // namespace tocsin::app
