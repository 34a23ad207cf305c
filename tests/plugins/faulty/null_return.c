/* Its entry function returns NULL. */
#include "minimal.h"

TOCSIN_EXPORT const tocsin_plugin* tocsin_plugin_v1(void) {
  return NULL;
}
