// What teams have (channels, rules, silences, the default alert set) as the API shows and changes it. What a
// change means and how it comes into force is the composition root's business; here is what the endpoints
// need of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/error.hpp"
#include "store/object_records.hpp"

namespace tocsin::api {

// One object, ready to be sent: secrets are masked.
struct ObjectView {
  std::string team;
  store::ObjectKind kind = store::ObjectKind::kChannel;
  std::string name;
  std::string json;      // a JSON object
  std::string etag;      // with its quotes; empty: of the configuration file, and read-only here
  bool created = false;  // by the change that this answers
  bool is_out = false;   // kept and not in force: what has its name in force, if anything, is another
};
using ObjectViews = std::vector<ObjectView>;  // a team's in its order: the file's, then its own

struct ObjectChange {
  enum class Verb : std::uint8_t {
    kCreate,   // the body names it
    kReplace,  // made where it is not there
    kMerge,    // a JSON merge patch (RFC 7396)
    kRemove,
    kOrder,  // of rules: the body lists all that the team keeps, in their order from now on
  };
  Verb verb = Verb::kReplace;
  store::ObjectKind kind = store::ObjectKind::kChannel;
  std::string team;
  std::string name;
  std::string body;
  std::string by;             // who asks
  std::string if_match;       // etags of which it must have one, as in the header; empty: whichever
  bool only_if_none = false;  // it must not be there
};

// "channel", and "channels" as in a path. The default alerts are one object, which has no name in it.
[[nodiscard]] std::string_view name_of(store::ObjectKind kind);
[[nodiscard]] std::string_view plural_of(store::ObjectKind kind);
inline constexpr std::string_view kDefaultAlertsName = "default-alerts";

class ObjectEditor {
 public:
  virtual ~ObjectEditor() = default;
  // [any] `done` is called once, on a thread of the editor's, when the change is durable and in force, with
  // what the object is now (of a removal: was). Else nothing has changed: kInvalid with pointers into the
  // body, kNotFound, kConflict (it is there already, is the file's, or something needs it), kOutdated
  // (if_match does not fit), kUnavailable.
  virtual void change(ObjectChange change, std::function<void(Result<ObjectView>)> done) = 0;
};

}  // namespace tocsin::api
