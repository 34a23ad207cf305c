# Compiler flags of our own code, as two interface targets: tocsin_flags (language, hardening, sanitizers)
# and tocsin_warnings (what we hold ourselves to). Third-party headers come in as SYSTEM and are spared.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# The host exports no symbol: an exported one could replace a plugin's own of the same name.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "" FORCE)

add_library(tocsin_flags INTERFACE)
target_compile_definitions(tocsin_flags INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TOCSIN_SANITIZE)
  target_compile_options(tocsin_flags INTERFACE -fstack-protector-strong -fstack-clash-protection
                         -fcf-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(tocsin_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
if(TOCSIN_SANITIZE STREQUAL "address")
  target_compile_options(tocsin_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                         -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS)
  target_link_options(tocsin_flags INTERFACE -fsanitize=address,undefined)
elseif(TOCSIN_SANITIZE STREQUAL "thread")
  # Asio's fenced block uses atomic_thread_fence, which TSan cannot follow.
  target_compile_definitions(tocsin_flags INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  target_compile_options(tocsin_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  target_link_options(tocsin_flags INTERFACE -fsanitize=thread)
elseif(TOCSIN_SANITIZE)
  message(FATAL_ERROR "TOCSIN_SANITIZE is '${TOCSIN_SANITIZE}'; it takes address, thread or nothing")
endif()

add_library(tocsin_warnings INTERFACE)
target_compile_options(tocsin_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror)
