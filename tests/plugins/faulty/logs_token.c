/* It logs which token it uses. */
#include <tocsin/ext/log.h>

#include "talker.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  const tocsin_log* const log = (const tocsin_log*)self->host->get_extension(self->host, TOCSIN_EXT_LOG);
  (void)message;
  if (log != NULL) log->write(self->host, delivery, TOCSIN_LOG_INFO, tocsin_lit(talker_token), NULL, 0);
  talker_send(self, delivery, talker_url, tocsin_lit("{}"), talker_answered);
}

TALKER_LOGGER_ENTRY("test.logs_token", TALKER_SCHEMA(TALKER_TOKEN))
