# tocsin_add_channel(): a channel plugin as a MODULE library NAME.so.
#
#   tocsin_add_channel(ntfy SOURCES ntfy.cpp [LINKS ...] [OUTPUT_DIRECTORY dir])
#
# It exports the one entry symbol and nothing else, resolves every symbol at load time (a missing one is an error
# of the link, not of the first delivery), and has no GNU-unique symbol, which would pin the library for ever.
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
    LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/channel.map")
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE "-Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/channel.map"
                      -Wl,-z,now $<$<NOT:$<BOOL:${TOCSIN_SANITIZE}>>:-Wl,-z,defs>)
endfunction()
