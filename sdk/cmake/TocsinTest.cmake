# tocsin_test(): one GoogleTest binary a room, every case its own ctest test.
#
#   tocsin_test(routing SOURCES rule_set_test.cpp LINKS tocsin::routing [LABELS integration])
include(GoogleTest)
function(tocsin_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINKS;LABELS;DEPENDS" ${ARGN})
  if(NOT TEST_LABELS)
    set(TEST_LABELS unit)
  endif()
  add_executable(${name}_test ${TEST_SOURCES})
  target_include_directories(${name}_test PRIVATE "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}/host")
  target_compile_definitions(${name}_test PRIVATE
    TOCSIN_CORPORA="${PROJECT_SOURCE_DIR}/tests/corpora" TOCSIN_BINARY_DIR="${CMAKE_BINARY_DIR}"
    TOCSIN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name}_test PRIVATE tocsin_flags tocsin_warnings ${TEST_LINKS} GTest::gtest_main GTest::gmock)
  if(TEST_DEPENDS)
    add_dependencies(${name}_test ${TEST_DEPENDS})
  endif()
  gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT 120)
endfunction()
