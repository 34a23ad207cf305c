/* The smallest well-behaved channel in C, from which each plugin here differs by one sin. Why: what the host
 * says about a sin is then about nothing else. What it does not do: I/O. */
#pragma once

#include <stdlib.h>
#include <tocsin/plugin.h>

struct tocsin_instance {
  const tocsin_host* host;
};

static inline tocsin_instance* minimal_create(const tocsin_host* host, const tocsin_doc* settings,
                                              tocsin_error* error) {
  tocsin_instance* self = (tocsin_instance*)malloc(sizeof *self);
  (void)settings;
  if (self == NULL) return tocsin_fail(error, "", "out of memory");
  self->host = host;
  return self;
}

static inline void minimal_destroy(tocsin_instance* self) {
  free(self);
}

static inline void minimal_complete(tocsin_instance* self, tocsin_delivery* delivery, int32_t status,
                                    const char* code) {
  tocsin_outcome outcome;
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  outcome.status = status;
  outcome.code = tocsin_lit(code);
  self->host->complete(self->host, delivery, &outcome);
}

static inline void minimal_deliver(tocsin_instance* self, const tocsin_message* message,
                                   tocsin_delivery* delivery) {
  (void)message;
  minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
}

#define MINIMAL_API(deliver) \
  { minimal_create, minimal_destroy, deliver, NULL, NULL, NULL }
#define MINIMAL_SCHEMA "{\"type\":\"object\"}"

/* A descriptor; the variable parts are the ones that somebody gets wrong. */
#define MINIMAL_TYPE(size_, id, schema, requires_, api_)                                                  \
  {                                                                                                       \
    (size_), TOCSIN_SERIAL, 0, TOCSIN_RETRIES_STANDARD, 0, 0, (id), "Test channel", "For tests", "1.0.0", \
        "tocsin", "Apache-2.0", "", (schema), (requires_), NULL, NULL, (api_)                             \
  }

#define MINIMAL_ENTRY(size_, type_)                                                     \
  static const tocsin_channel_type* const types[] = {&type_};                           \
  static const tocsin_plugin plugin = {(size_), TOCSIN_ABI_MINOR, "plain C", types, 1}; \
  TOCSIN_EXPORT const tocsin_plugin* tocsin_plugin_v1(void) {                           \
    return &plugin;                                                                     \
  }
