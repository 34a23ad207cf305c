/* The smallest channel in C that asks the host for an HTTP exchange, for the sins that need one. Why: as
 * minimal.h. What it does not do: more than a plugin of one file needs. */
#pragma once

#include <stdio.h>
#include <tocsin/helpers.h>

#include "minimal.h"

#define TALKER_SCHEMA(properties)                                                               \
  "{\"type\":\"object\",\"required\":[\"url\"],\"additionalProperties\":false,\"properties\":{" \
  "\"url\":{\"title\":\"URL\",\"description\":\"Where "                                         \
  "to.\",\"type\":\"string\",\"format\":\"uri\"}" properties "}}"
#define TALKER_TOKEN \
  ",\"token\":{\"title\":\"Token\",\"description\":\"A key.\",\"type\":\"string\",\"writeOnly\":true}"

/* The setting's text as of create(); one instance at a time is enough here. */
static char talker_url[512], talker_token[512];

static tocsin_instance* talker_create(const tocsin_host* host, const tocsin_doc* settings,
                                      tocsin_error* error) {
  const tocsin_str url = tocsin_find(settings, "/url"), token = tocsin_find(settings, "/token");
  snprintf(talker_url, sizeof talker_url, "%.*s", (int)url.len, url.len > 0 ? url.ptr : "");
  snprintf(talker_token, sizeof talker_token, "%.*s", (int)token.len, token.len > 0 ? token.ptr : "");
  return minimal_create(host, settings, error);
}

static inline void talker_send(tocsin_instance* self, tocsin_delivery* delivery, const char* url,
                               tocsin_str body, tocsin_http_fn answered) {
  static const tocsin_kv headers[] = {{TOCSIN_LIT("Content-Type"), TOCSIN_LIT("application/json")}};
  const tocsin_http* http = (const tocsin_http*)self->host->get_extension(self->host, TOCSIN_EXT_HTTP);
  tocsin_http_request request;
  tocsin_status status;
  memset(&request, 0, sizeof request);
  request.size = sizeof request;
  request.url = tocsin_lit(url);
  request.headers = headers;
  request.n_headers = 1;
  request.body = body;
  status = http->submit(self->host, delivery, &request, answered, NULL);
  if (status != TOCSIN_OK && status != TOCSIN_E_STALE)
    minimal_complete(self, delivery, tocsin_classify_refusal(status), "test.refused");
}

static inline void talker_answered(tocsin_instance* self, tocsin_delivery* delivery,
                                   const tocsin_http_response* response, void* user) {
  (void)user;
  minimal_complete(self, delivery, tocsin_classify(response), "");
}

#define TALKER_ENTRY(id, schema) TALKER_OF(id, schema, NULL)
#define TALKER_LOGGER_ENTRY(id, schema)                     \
  static const char* const used[] = {TOCSIN_EXT_LOG, NULL}; \
  TALKER_OF(id, schema, used)
#define TALKER_OF(id, schema, uses)                                                                  \
  static const tocsin_channel_api api = {talker_create, minimal_destroy, deliver, NULL, NULL, NULL}; \
  static const char* const required[] = {TOCSIN_EXT_HTTP, NULL};                                     \
  static const char* const egress[] = {"settings:/url", NULL};                                       \
  static const tocsin_channel_type type = {sizeof(tocsin_channel_type),                              \
                                           TOCSIN_SERIAL,                                            \
                                           0,                                                        \
                                           TOCSIN_RETRIES_STANDARD,                                  \
                                           0,                                                        \
                                           0,                                                        \
                                           (id),                                                     \
                                           "Test channel",                                           \
                                           "For tests",                                              \
                                           "1.0.0",                                                  \
                                           "tocsin",                                                 \
                                           "Apache-2.0",                                             \
                                           "",                                                       \
                                           schema,                                                   \
                                           required,                                                 \
                                           uses,                                                     \
                                           egress,                                                   \
                                           &api};                                                    \
  MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
