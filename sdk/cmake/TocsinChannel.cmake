# tocsin_add_channel(): a channel plugin as a MODULE library NAME.so.
#
#   tocsin_add_channel(ntfy SOURCES ntfy.cpp [LINKS ...] [OUTPUT_DIRECTORY dir])
#
# It exports the one entry symbol and nothing else, resolves every symbol at load time (a missing one is an error
# of the link, not of the first delivery), and has no GNU-unique symbol, which would pin the library for ever.
# Where the SDK is installed with its `tocsin`, it is also the ctests NAME.validate: `tocsin plugin validate --strict`,
# and NAME.sandbox: the same in a process of the plugin's own, jailed as the daemon does it; and where a folder golden/ stands beside it, NAME.golden: `tocsin plugin golden` over what `tocsin plugin record` wrote.
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
  tocsin_check_channel(${name} FILE "$<TARGET_FILE:${name}>")
endfunction()

# tocsin_check_channel(): the ctests that tocsin_add_channel() makes, for a plugin that something else builds (Rust, Go).
#
#   tocsin_check_channel(gotify FILE "${CMAKE_BINARY_DIR}/plugins/gotify.so")
function(tocsin_check_channel name)
  cmake_parse_arguments(CHECK "" "FILE" "" ${ARGN})
  if(NOT CHECK_FILE)
    message(FATAL_ERROR "tocsin_check_channel(${name}): FILE is missing")
  endif()
  if(NOT TOCSIN_PROGRAM)  # set by find_package(tocsin-sdk)
    return()
  endif()
  add_test(NAME ${name}.validate COMMAND "${TOCSIN_PROGRAM}" plugin validate --strict "${CHECK_FILE}")
  add_test(NAME ${name}.sandbox COMMAND "${TOCSIN_PROGRAM}" plugin validate --strict --sandbox "${CHECK_FILE}")
  set(golden "${CMAKE_CURRENT_SOURCE_DIR}/golden")
  if(EXISTS "${golden}")
    add_test(NAME ${name}.golden COMMAND "${TOCSIN_PROGRAM}" plugin golden "${CHECK_FILE}" "${golden}")
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

# tocsin_add_channel_fuzz(): the channel under libFuzzer and the sanitizers, as the ctest NAME.fuzz.
#
#   tocsin_add_channel_fuzz(ntfy SOURCES ntfy_fuzz.cpp [SECONDS 10])
#
# The test is short and begins with the same seed, so a faster machine only gets further; run NAME_fuzz yourself for as
# long as you like. It needs clang++, whatever the compiler of the project is, and is left out where there is none.
function(tocsin_add_channel_fuzz name)
  cmake_parse_arguments(FUZZ "" "SECONDS" "SOURCES" ${ARGN})
  if(NOT FUZZ_SOURCES)
    message(FATAL_ERROR "tocsin_add_channel_fuzz(${name}): SOURCES is missing")
  endif()
  if(NOT FUZZ_SECONDS)
    set(FUZZ_SECONDS 10)
  endif()
  find_program(TOCSIN_CLANG clang)
  find_program(TOCSIN_CLANGXX clang++)
  if(NOT TOCSIN_CLANG OR NOT TOCSIN_CLANGXX)
    message(STATUS "${name}.fuzz is left out: it needs clang++")
    return()
  endif()
  get_target_property(sources ${name} SOURCES)
  set(flags -g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
      "-I$<JOIN:$<TARGET_PROPERTY:tocsin::sdk,INTERFACE_INCLUDE_DIRECTORIES>,$<SEMICOLON>-I>")
  set(objects "")
  foreach(source IN LISTS sources FUZZ_SOURCES)
    get_filename_component(path "${source}" ABSOLUTE)
    get_filename_component(file "${source}" NAME)
    set(object "${CMAKE_CURRENT_BINARY_DIR}/${name}_fuzz_${file}.o")
    set(compiler "${TOCSIN_CLANGXX}" -std=c++20)
    if(file MATCHES "\\.c$")
      set(compiler "${TOCSIN_CLANG}" -std=c11)
    endif()
    add_custom_command(OUTPUT "${object}" DEPENDS "${path}" VERBATIM COMMAND_EXPAND_LISTS
      COMMAND ${compiler} ${flags} -c "${path}" -o "${object}")
    list(APPEND objects "${object}")
  endforeach()
  # What the channel links is linked here as it is: only the channel's own code is instrumented.
  get_target_property(channel_links ${name} TOCSIN_LINKS)
  set(libraries "")
  foreach(link IN LISTS channel_links)
    if(TARGET ${link})
      list(APPEND libraries "$<TARGET_LINKER_FILE:${link}>")
    elseif(link)
      list(APPEND libraries "-l${link}")
    endif()
  endforeach()
  set(program "${CMAKE_CURRENT_BINARY_DIR}/${name}_fuzz")
  add_custom_command(OUTPUT "${program}" DEPENDS ${objects} VERBATIM
    COMMAND "${TOCSIN_CLANGXX}" -fsanitize=fuzzer,address,undefined ${objects} ${libraries} -o "${program}")
  add_custom_target(${name}_fuzz_program ALL DEPENDS "${program}")
  add_test(NAME ${name}.fuzz COMMAND "${program}" -seed=1 -max_len=4096 -timeout=10 -max_total_time=${FUZZ_SECONDS})
endfunction()
