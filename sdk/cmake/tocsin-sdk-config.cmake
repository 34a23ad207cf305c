# find_package(tocsin-sdk 1 REQUIRED): the target tocsin::sdk, tocsin_add_channel() and tocsin_add_channel_test().
include("${CMAKE_CURRENT_LIST_DIR}/tocsin-sdk-targets.cmake")
# The command that validates plugins, from the same installation; a headers-only one has none.
get_filename_component(_tocsin_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
find_program(TOCSIN_PROGRAM tocsin HINTS "${_tocsin_prefix}/bin" "${_tocsin_prefix}/../bin"
             DOC "The tocsin command; the channels' validate tests run it")
unset(_tocsin_prefix)
include("${CMAKE_CURRENT_LIST_DIR}/TocsinChannel.cmake")
