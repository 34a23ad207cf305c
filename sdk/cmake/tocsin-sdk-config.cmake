# find_package(tocsin-sdk 1 REQUIRED): the target tocsin::sdk and the function tocsin_add_channel().
include("${CMAKE_CURRENT_LIST_DIR}/tocsin-sdk-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/TocsinChannel.cmake")
