# What `cmake --install` leaves: bin/godwit, lib/godwit/target_*.so (see
# godwit_target_module), the library with its headers, and a CMake package, so
# that others write find_package(godwit) and link godwit::godwit.
include(CMakePackageConfigHelpers)
set(godwit_package ${CMAKE_INSTALL_LIBDIR}/cmake/godwit)

install(TARGETS godwit_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS godwit godwit_flags EXPORT godwit ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# The command line and the drivers' insides are nobody's interface.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/godwit
        FILES_MATCHING PATTERN "*.h"
        PATTERN app EXCLUDE PATTERN net EXCLUDE PATTERN target/memory EXCLUDE PATTERN target/sqlite EXCLUDE PATTERN target/postgres EXCLUDE PATTERN target/dynamodb EXCLUDE)
install(EXPORT godwit NAMESPACE godwit:: FILE godwitTargets.cmake DESTINATION ${godwit_package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/godwitConfig.cmake.in ${CMAKE_BINARY_DIR}/godwitConfig.cmake
                              INSTALL_DESTINATION ${godwit_package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/godwitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/godwitConfig.cmake ${CMAKE_BINARY_DIR}/godwitConfigVersion.cmake
        DESTINATION ${godwit_package})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# `cpack -G DEB` in a build folder makes a Debian package.
set(CPACK_PACKAGE_CONTACT "The Godwit authors <godwit@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Moves databases from one version to the next, schema and data")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
