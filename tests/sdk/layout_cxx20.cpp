// The layout of the ABI as C++ sees it, against the same frozen table as layout_c11.c: both languages agree.
#include <tocsin/plugin.h>

#include <type_traits>

#define LAYOUT_FROZEN(type, bytes)                                          \
  static_assert(sizeof(struct type) == (bytes), #type " changed its size"); \
  LAYOUT_SIZE(type, bytes)
#define LAYOUT_SIZE(type, bytes)                                          \
  static_assert(sizeof(struct type) >= (bytes), #type " became smaller"); \
  static_assert(std::is_standard_layout_v<struct type>);                  \
  static_assert(std::is_trivially_copyable_v<struct type>);
#define LAYOUT_FIELD(type, field, offset) \
  static_assert(offsetof(struct type, field) == (offset), #type "." #field " moved");
#include "layout.inc"
