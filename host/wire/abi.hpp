// The structs of the plugin ABI, field by field, for Writer and Reader alike. A new field of a struct gets
// its place here, at the end of its line.
#pragma once

#include <tocsin/plugin.h>

#include "wire/codec.hpp"

namespace tocsin::wire {

template <class Io>
void pass(Io& io, tocsin_str& text) {
  io(text);
}
template <class Io>
void pass(Io& io, tocsin_kv& entry) {
  io(entry.key, entry.value);
}
template <class Io>
void pass(Io& io, tocsin_doc& document) {
  io(document.json);
  io.list(document.flat, document.n_flat);
}

// A size that promises more than we know would make the other side look behind the struct.
template <class Io, class Sized>
void pass_size(Io& io, Sized& value) {
  io(value.size);
  if constexpr (Io::kReads) {
    if (value.size > sizeof value) value.size = sizeof value;
  }
}

template <class Io>
void pass(Io& io, tocsin_outcome& o) {
  pass_size(io, o);
  io(o.status, o.retry_after_ms, o.provider_id, o.code, o.detail, o.carry);
}

template <class Io>
void pass(Io& io, tocsin_event& e) {
  pass_size(io, e);
  io(e.severity, e.category, e.reserved, e.time_unix_ms, e.id, e.team, e.type, e.source, e.title, e.summary,
     e.link);
  io.list(e.labels, e.n_labels);
  pass(io, e.data);
  io(e.json);
}

// Behind a pointer, as a message has its events.
template <class Io>
void pass(Io& io, const tocsin_event*& event) {
  if constexpr (Io::kReads) {
    auto* const made = io.shelf().template place<tocsin_event>(1);
    *made = tocsin_event{};
    pass(io, *made);
    event = made;
  } else {
    tocsin_event copy = *event;
    pass(io, copy);
  }
}

template <class Io>
void pass(Io& io, tocsin_message& m) {
  pass_size(io, m);
  io(m.attempt, m.flags, m.reserved, m.deadline_unix_ms, m.id, m.console_url, m.carry);
  io.list(m.events, m.n_events);
}

template <class Io>
void pass(Io& io, tocsin_http_request& r) {
  pass_size(io, r);
  io(r.timeout_ms, r.flags, r.body_secrets, r.method, r.url, r.body, r.basic_user, r.basic_password);
  io.list(r.headers, r.n_headers);
}

template <class Io>
void pass(Io& io, tocsin_http_response& r) {
  pass_size(io, r);
  io(r.io_error, r.status, r.request_sent, r.retry_after_ms, r.elapsed_ms, r.body_truncated, r.body);
  io.list(r.headers, r.n_headers);
}

template <class Io>
void pass(Io& io, tocsin_smtp_mail& m) {
  pass_size(io, m);
  io(m.flags, m.security, m.auth, m.port, m.timeout_ms, m.server, m.ehlo, m.user, m.password, m.envelope_from,
     m.bytes);
  io.list(m.recipients, m.n_recipients);
}

template <class Io>
void pass(Io& io, tocsin_smtp_recipient& r) {
  io(r.address, r.code, r.stage, r.enhanced, r.text);
}
template <class Io>
void pass(Io& io, tocsin_smtp_reply& r) {
  pass_size(io, r);
  io(r.io_error, r.stage, r.code, r.enhanced, r.text, r.request_sent, r.elapsed_ms);
  io.list(r.recipients, r.n_recipients);
}

template <class Io>
void pass(Io& io, tocsin_inbox_item& i) {
  pass_size(io, i);
  io(i.severity, i.category, i.flags, i.time_unix_ms, i.id, i.user, i.type, i.source, i.title, i.summary,
     i.link, i.json);
}

template <class Io>
void pass(Io& io, tocsin_inbox_result& r) {
  pass_size(io, r);
  io(r.status, r.duplicate, r.reserved, r.item);
}

}  // namespace tocsin::wire
