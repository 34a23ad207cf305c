# tocsin-sdk_*.deb: the component sdk as a Debian package, by `cpack -G DEB --config build/X/CPackConfig.cmake`. The
# host is not packaged here: what a plugin author installs is all there is in it.
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL sdk)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_VENDOR tocsin)
set(CPACK_PACKAGE_CONTACT "tocsin <tocsin@localhost>")
set(CPACK_DEBIAN_SDK_PACKAGE_NAME tocsin-sdk)
set(CPACK_DEBIAN_SDK_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION devel)
set(CPACK_COMPONENT_SDK_DESCRIPTION "plugin SDK of tocsin, the notification delivery host
 Headers, CMake package, test kit, template and documents for channel plugins,
 and the tocsin command that writes and validates them.")
set(CPACK_DEBIAN_SDK_PACKAGE_SHLIBDEPS ON)  # what the command links
set(CPACK_DEBIAN_SDK_PACKAGE_RECOMMENDS "g++, cmake, libgtest-dev")
set(CPACK_STRIP_FILES ON)
# A component needs what it installs to be built, not the whole tree.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
