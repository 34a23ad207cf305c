# tocsin_add_channel(): a channel plugin as a MODULE library NAME.so.
#
#   tocsin_add_channel(ntfy SOURCES ntfy.cpp [LINKS ...] [OUTPUT_DIRECTORY dir])
#
# It exports the one entry symbol and nothing else, resolves every symbol at load time (a missing one is an error
# of the link, not of the first delivery), and has no GNU-unique symbol, which would pin the library for ever.
# Where the SDK is installed with its `tocsin`, it is also the ctest NAME.validate: `tocsin plugin validate --strict`.
function(tocsin_add_channel name)
  cmake_parse_arguments(CHANNEL "" "OUTPUT_DIRECTORY" "SOURCES;LINKS" ${ARGN})
  if(NOT CHANNEL_SOURCES)
    message(FATAL_ERROR "tocsin_add_channel(${name}): SOURCES is missing")
  endif()
  if(NOT CHANNEL_OUTPUT_DIRECTORY)
    set(CHANNEL_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins")
  endif()
  add_library(${name} MODULE ${CHANNEL_SOURCES})
  target_link_libraries(${name} PRIVATE tocsin::sdk ${CHANNEL_LINKS})
  if(TARGET tocsin_flags)  # built inside the tree: the same sanitizers, hardening and warnings as the host
    target_link_libraries(${name} PRIVATE tocsin_flags tocsin_warnings)
  endif()
  target_compile_features(${name} PRIVATE cxx_std_20 c_std_11)
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" LIBRARY_OUTPUT_DIRECTORY "${CHANNEL_OUTPUT_DIRECTORY}"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    TOCSIN_LINKS "${CHANNEL_LINKS}"
    LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/channel.map")
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE "-Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/channel.map"
                      -Wl,-z,now $<$<NOT:$<BOOL:${TOCSIN_SANITIZE}>>:-Wl,-z,defs>)
  if(TOCSIN_PROGRAM)  # set by find_package(tocsin-sdk)
    add_test(NAME ${name}.validate
             COMMAND "${TOCSIN_PROGRAM}" plugin validate --strict "$<TARGET_FILE:${name}>")
  endif()
endfunction()

# tocsin_add_channel_test(): GoogleTest cases for a channel, on the test kit, as the ctest NAME.test.
#
#   tocsin_add_channel_test(ntfy SOURCES ntfy_test.cpp)
#
# The channel's own sources are compiled into the test, so that a case can call tocsin_plugin_v1() or a function of
# its own and a debugger or a sanitizer sees all of it.
function(tocsin_add_channel_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES" ${ARGN})
  if(NOT TEST_SOURCES)
    message(FATAL_ERROR "tocsin_add_channel_test(${name}): SOURCES is missing")
  endif()
  find_package(GTest REQUIRED)
  get_target_property(channel_sources ${name} SOURCES)
  get_target_property(channel_links ${name} TOCSIN_LINKS)
  if(NOT channel_links)
    set(channel_links "")
  endif()
  add_executable(${name}_test ${TEST_SOURCES} ${channel_sources})
  target_include_directories(${name}_test PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${name}_test PRIVATE tocsin::sdk ${channel_links} GTest::gtest_main)
  target_compile_features(${name}_test PRIVATE cxx_std_20 c_std_11)
  add_test(NAME ${name}.test COMMAND ${name}_test)
endfunction()
