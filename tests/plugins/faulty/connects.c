/* It sends by a socket of its own, past the policy of the host. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "minimal.h"

static void deliver(tocsin_instance* self, const tocsin_message* message, tocsin_delivery* delivery) {
  const int sender = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in to;
  (void)message;
  memset(&to, 0, sizeof to);
  to.sin_family = AF_INET;
  to.sin_port = htons(9); /* where everything is discarded */
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (sender < 0 || sendto(sender, "alert", 5, 0, (const struct sockaddr*)&to, sizeof to) < 0) {
    minimal_complete(self, delivery, TOCSIN_RETRY, "test.no_socket");
  } else {
    minimal_complete(self, delivery, TOCSIN_DELIVERED, "");
  }
  if (sender >= 0) close(sender);
}

static const tocsin_channel_api api = MINIMAL_API(deliver);
static const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.connects", MINIMAL_SCHEMA, NULL, &api);
MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
