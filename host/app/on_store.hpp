// Work on the store's thread from a thread that may wait for it: never from api, core or the store's own.
#pragma once

#include <future>
#include <utility>

#include "store/writer.hpp"

namespace tocsin::app {

// Runs `work` on the store thread and waits for what it returns.
template <class Work>
auto on_store(store::Writer& writer, Work work) {
  std::promise<decltype(work(std::declval<store::Store&>()))> promise;
  auto future = promise.get_future();
  writer.run([&](store::Store& store) { promise.set_value(work(store)); });
  return future.get();
}

}  // namespace tocsin::app
