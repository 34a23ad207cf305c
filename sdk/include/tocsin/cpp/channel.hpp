// tocsin/cpp/channel.hpp - turns a C++ struct into the constant tables of the C ABI.
//
// Why: every thunk is noexcept and written once. What it does not do: keep any state outside the instances.
#pragma once

#include <concepts>
#include <initializer_list>
#include <new>
#include <tocsin/cpp/host.hpp>

namespace tocsin {

// Up to 15 names, NULL-terminated, usable in a constant.
struct names {
  constexpr names() = default;
  constexpr names(std::initializer_list<const char*> list) {
    for (const char* name : list) items[size++] = name;
  }
  const char* items[16]{};
  std::size_t size = 0;
};

// The descriptor; the fields are those of tocsin_channel_type. Without requires_ext it is {"tocsin.http/1"}.
struct about {
  const char* type;
  const char* name;
  const char* version;
  const char* summary = "";
  const char* vendor = "";
  const char* license = "";
  const char* url = "";
  const char* settings_schema = R"({"type":"object"})";
  names requires_ext{TOCSIN_EXT_HTTP};
  names uses_ext{};
  names egress{};
  std::uint32_t rate_per_minute = 0;
  std::uint32_t burst = 0;
  std::uint32_t threading = TOCSIN_SERIAL;
  std::uint32_t retries = TOCSIN_RETRIES_STANDARD;
  std::uint32_t flags = 0;
};

namespace detail {

template <class T>
concept active = requires(T& t, message m, delivery d) {
  t.deliver(m, d);
};
template <class T>
concept sans_io = requires(T& t, message m) {
  { t.request(m) } -> std::same_as<http_request>;
};
template <class T>
concept reads_response = requires(T& t, message m, http_response r) {
  { t.response(m, r) } -> std::same_as<outcome>;
};
template <class T>
concept verifies = requires(T& t, delivery d) {
  t.verify(d);
};
template <class T>
concept cancels = requires(T& t, delivery d) {
  t.cancel(d);
};

template <class T>
struct channel {
  static_assert(active<T> || sans_io<T>,
                "a channel has `http_request request(message)` or `void deliver(message, delivery)`");

  struct cell {
    host services;
    T self;
  };
  static cell* at(tocsin_instance* i) noexcept { return reinterpret_cast<cell*>(i); }

  static T construct(const settings& s, const host& h) {
    if constexpr (std::is_constructible_v<T, const settings&, const host&>) {
      return T(s, h);
    } else {
      return T(s);
    }
  }
  static tocsin_instance* create(const tocsin_host* raw, const tocsin_doc* doc,
                                 tocsin_error* error) noexcept {
    try {
      const host services(raw, T::about.requires_ext.items, T::about.uses_ext.items);
      return reinterpret_cast<tocsin_instance*>(new cell{services, construct(settings(*doc), services)});
    } catch (const settings_error& e) {
      return tocsin_fail(error, e.pointer().c_str(), e.what());
    } catch (const std::exception& e) {
      return tocsin_fail(error, "", e.what());
    } catch (...) {
      return tocsin_fail(error, "", "the constructor threw an exception that is no std::exception");
    }
  }
  static void destroy(tocsin_instance* i) noexcept { delete at(i); }

  static outcome read(T& self, message m, http_response r) {
    if constexpr (reads_response<T>) {
      return self.response(m, r);
    } else {
      return classify(r);
    }
  }
  static void answered(tocsin_instance* i, tocsin_delivery* d, const tocsin_http_response* r,
                       void* user) noexcept {
    const delivery one(at(i)->services, d, T::about.type);
    one.guard([&] {
      one.complete(read(at(i)->self, message(*static_cast<const tocsin_message*>(user)), http_response(*r)));
    });
  }
  static void deliver(tocsin_instance* i, const tocsin_message* m, tocsin_delivery* d) noexcept {
    const delivery one(at(i)->services, d, T::about.type);
    one.guard([&] {
      if constexpr (active<T>) {
        at(i)->self.deliver(message(*m), one);
      } else {
        const http_request request = at(i)->self.request(message(*m));
        const tocsin_http* http = at(i)->services.http();
        const tocsin_status status = request.as_c([&](const tocsin_http_request& r) {
          return http->submit(at(i)->services.raw(), d, &r, &answered, const_cast<tocsin_message*>(m));
        });
        if (status != TOCSIN_OK && status != TOCSIN_E_STALE) one.complete(classify_refusal(status));
      }
    });
  }
  static void verify(tocsin_instance* i, tocsin_delivery* d) noexcept {
    if constexpr (verifies<T>) {
      const delivery one(at(i)->services, d, T::about.type);
      one.guard([&] { at(i)->self.verify(one); });
    }
  }
  static void cancel(tocsin_instance* i, tocsin_delivery* d) noexcept {
    if constexpr (cancels<T>) {
      const delivery one(at(i)->services, d, T::about.type);
      one.guard([&] { at(i)->self.cancel(one); });
    }
  }

  static constexpr tocsin_channel_api api{
      &create, &destroy, &deliver, cancels<T> ? &cancel : nullptr, verifies<T> ? &verify : nullptr, nullptr};
  static constexpr tocsin_channel_type type{sizeof(tocsin_channel_type),
                                            T::about.threading,
                                            T::about.flags,
                                            T::about.retries,
                                            T::about.rate_per_minute,
                                            T::about.burst,
                                            T::about.type,
                                            T::about.name,
                                            T::about.summary,
                                            T::about.version,
                                            T::about.vendor,
                                            T::about.license,
                                            T::about.url,
                                            T::about.settings_schema,
                                            T::about.requires_ext.items,
                                            T::about.uses_ext.items,
                                            T::about.egress.items,
                                            &api};
};

template <class... T>
struct library {
  static constexpr const tocsin_channel_type* types[] = {&channel<T>::type...};
  static constexpr tocsin_plugin table{sizeof(tocsin_plugin), TOCSIN_ABI_MINOR, "tocsin-sdk C++ 1.0", types,
                                       sizeof...(T)};
};

}  // namespace detail
}  // namespace tocsin

// The one exported function, for one struct or several. Once in a library, at namespace scope.
#define TOCSIN_CHANNELS(...)                                             \
  extern "C" TOCSIN_EXPORT const tocsin_plugin* tocsin_plugin_v1(void) { \
    return &::tocsin::detail::library<__VA_ARGS__>::table;               \
  }
#define TOCSIN_CHANNEL(type) TOCSIN_CHANNELS(type)
