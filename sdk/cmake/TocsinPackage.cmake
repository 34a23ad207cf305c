# tocsin-sdk_*.deb, tocsin-tools_*.deb and tocsin_*.deb (the daemon), by `cpack -G DEB --config build/X/CPackConfig.cmake`.
#
# The command is a package of its own, since it is a plugin author's and an operator's: the other two depend on it, no
# two packages own /usr/bin/tocsin, and one machine can have all three.
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL sdk tools host)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_VENDOR tocsin)
set(CPACK_PACKAGE_CONTACT "tocsin <tocsin@localhost>")
set(CPACK_DEBIAN_SDK_PACKAGE_NAME tocsin-sdk)
set(CPACK_DEBIAN_SDK_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION devel)
set(CPACK_COMPONENT_SDK_DESCRIPTION "plugin SDK of tocsin, the notification delivery host
 Headers, CMake package, test kit, template, examples and documents for channel
 plugins. The tocsin command, which writes and validates them, is in tocsin-tools.")
set(CPACK_DEBIAN_SDK_PACKAGE_DEPENDS "tocsin-tools (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_SDK_PACKAGE_RECOMMENDS "g++, cmake, libgtest-dev")
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME tocsin-tools)
set(CPACK_DEBIAN_TOOLS_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION admin)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "command of tocsin, the notification delivery host
 The tocsin command: pushes events, shows what became of them, checks
 configurations, and writes and validates channel plugins.")
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)  # what the command links
set(CPACK_DEBIAN_HOST_PACKAGE_NAME tocsin)
set(CPACK_DEBIAN_HOST_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_HOST_PACKAGE_SECTION admin)
set(CPACK_COMPONENT_HOST_DESCRIPTION "notification delivery host
 The daemon tocsind, which takes security alerts over local HTTP and delivers
 them, and the channel plugins that ship with it.")
set(CPACK_DEBIAN_HOST_PACKAGE_DEPENDS "tocsin-tools (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_HOST_PACKAGE_SHLIBDEPS ON)
set(CPACK_STRIP_FILES ON)
# A component needs what it installs to be built, not the whole tree.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
