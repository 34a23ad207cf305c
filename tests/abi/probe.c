/* A function for each table of the ABI, so that abidiff sees all of it: what is reached from here is
 * compared.
 *
 * Why: an extension's table reaches a plugin as void*, which no tool can follow.  What it does not do: run.
 * Built against the headers of today and against each that is kept; ABI_HEADER names the one to include. */
#include ABI_HEADER

#define PROBE(table)                                                \
  TOCSIN_EXPORT const void* abi_probe_##table(const table* whole);  \
  TOCSIN_EXPORT const void* abi_probe_##table(const table* whole) { \
    return whole;                                                   \
  }
PROBE(tocsin_log)
PROBE(tocsin_clock)
PROBE(tocsin_secret)
PROBE(tocsin_http)
PROBE(tocsin_smtp)
PROBE(tocsin_inbox)

const tocsin_plugin* tocsin_plugin_v1(void) {
  return NULL;
}
