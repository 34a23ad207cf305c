/* A sound shared library that is no plugin. */
#include <tocsin/types.h>

TOCSIN_EXPORT int tocsin_test_some_other_function(void);
TOCSIN_EXPORT int tocsin_test_some_other_function(void) {
  return 1;
}
