// tocsin.smtp/1: the door to instance_mails.cpp.
#include <new>

#include "plugin/extensions.hpp"
#include "plugin/instance.hpp"

namespace tocsin::plugin {

namespace {

tocsin_status submit(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_smtp_mail* mail,
                     tocsin_smtp_fn callback, void* user) {
  if (host == nullptr) return TOCSIN_E_INVALID;
  try {
    const auto instance = Instance::of(host);
    if (instance == nullptr) return TOCSIN_E_CLOSING;
    return instance->submit_mail(to_handle(delivery), mail, callback, user);
  } catch (const std::bad_alloc&) {
    return TOCSIN_E_NO_MEMORY;
  }
}

tocsin_status check(const tocsin_host* host, const tocsin_smtp_mail* mail, tocsin_error* error) {
  if (host == nullptr) return TOCSIN_E_INVALID;
  try {
    const auto instance = Instance::of(host);
    if (instance == nullptr) return TOCSIN_E_CLOSING;
    return instance->check_mail(mail, error);
  } catch (const std::bad_alloc&) {
    return TOCSIN_E_NO_MEMORY;
  }
}

constexpr tocsin_smtp kTable{&submit, &check};

}  // namespace

const tocsin_smtp& smtp_extension() {
  return kTable;
}

}  // namespace tocsin::plugin
