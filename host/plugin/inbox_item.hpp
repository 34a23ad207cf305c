// An item as a plugin gives it, checked and copied: what tocsin/ext/inbox.h says is enforced here, because
// the item is shown to people and its JSON goes into answers as it stands.
#pragma once

#include <tocsin/ext/inbox.h>

#include "model/inbox.hpp"

namespace tocsin::plugin {

// TOCSIN_OK, or why the item is refused; `out` is then of no use.
[[nodiscard]] tocsin_status read_inbox_item(const tocsin_inbox_item* given, InboxItem& out);

}  // namespace tocsin::plugin
