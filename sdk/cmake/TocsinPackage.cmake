# tocsin-sdk_*.deb and tocsin-tools_*.deb, by `cpack -G DEB --config build/X/CPackConfig.cmake`. What a plugin author
# installs is all there is in them; the daemon is not packaged here.
#
# The command is a package of its own, since it is also the operator's: a package with the daemon depends on
# tocsin-tools as tocsin-sdk does, no two packages own /usr/bin/tocsin, and one machine can have all three.
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL sdk tools)
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
set(CPACK_STRIP_FILES ON)
# A component needs what it installs to be built, not the whole tree.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
