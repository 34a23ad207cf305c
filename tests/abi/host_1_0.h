/* A host of ABI 1.0, for today's plugins: what compatibility_test.cpp asks of it, in types that have no
 * version.
 *
 * Why: host_1_0.c is compiled from the kept header alone and cannot share today's types.  What it does not
 * do: check what a plugin sends; it only sees to it that nothing beyond 1.0 is there to be read. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct old_run {
  const char* type;           /* the channel type to make */
  const char* settings;       /* its JSON */
  const char* const* scalars; /* pointer, value, pointer, value, NULL: the flat view */
  const char* answer;         /* the body of every HTTP answer, with status 200 */
  /* What came of it. */
  int created, completed, status; /* status: of the one completion */
  size_t exchanges;               /* of every kind */
  char said[256];                 /* why create() refused, the outcome's code, or what is wrong */
} old_run;

/* `entry` is the plugin's tocsin_plugin_v1.  Every struct handed in ends where unreadable memory begins, so a
 * plugin that reads a field of a later minor without asking for it dies of SIGSEGV. */
void old_host_run(void* entry, old_run* run);

#ifdef __cplusplus
}
#endif
