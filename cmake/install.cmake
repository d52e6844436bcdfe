# Install rules and the package that find_package(kpd) finds: kpd::emvcrypto, kpd::hsm, kpd::cps.
include(CMakePackageConfigHelpers)

install(TARGETS kpd_emvcrypto kpd_hsm kpd_cps EXPORT kpdTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(KPD_BUILD_PROGRAM)
  install(TARGETS kpd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
foreach(layer emvcrypto hsm cps)
  install(DIRECTORY ${layer} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/kpd
          FILES_MATCHING PATTERN "*.h")
endforeach()
install(DIRECTORY templates examples DESTINATION ${CMAKE_INSTALL_DATADIR}/kpd
        USE_SOURCE_PERMISSIONS PATTERN "demo" EXCLUDE)
install(EXPORT kpdTargets NAMESPACE kpd:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kpd)
configure_package_config_file(cmake/kpdConfig.cmake.in ${PROJECT_BINARY_DIR}/kpdConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kpd)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/kpdConfigVersion.cmake
                                 COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/kpdConfig.cmake ${PROJECT_BINARY_DIR}/kpdConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/kpd)
