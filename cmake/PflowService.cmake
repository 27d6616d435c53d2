# SPDX-License-Identifier: ISC
# What a system needs to run pflowd as a service, and a Debian package of all
# that runs: packaging/README.md.
if(NOT PFLOW_INSTALL OR NOT TARGET pflowd)
  return()
endif()
option(PFLOW_DEB "install as a Debian package does: /etc/pflowd.conf" OFF)
set(PFLOW_BIN ${CMAKE_INSTALL_FULL_BINDIR})
set(PFLOW_CONF ${CMAKE_INSTALL_FULL_SYSCONFDIR}/pflowd.conf)
set(packaging ${PFLOW_SOURCE_ROOT}/packaging)

install(FILES ${packaging}/pflowd.conf
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/pflow COMPONENT runtime)
configure_file(${packaging}/systemd/pflowd.service.in pflowd.service @ONLY)
configure_file(${packaging}/rc.d/openbsd.in rc.d/openbsd @ONLY)
configure_file(${packaging}/rc.d/freebsd.in rc.d/freebsd @ONLY)
set(executable PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
  GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  # Read below /usr and /usr/local alike.
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pflowd.service
    DESTINATION lib/systemd/system COMPONENT runtime)
  install(FILES ${packaging}/systemd/pflowd.sysusers
    DESTINATION lib/sysusers.d RENAME pflowd.conf COMPONENT runtime)
  install(FILES ${packaging}/systemd/pflowd.tmpfiles
    DESTINATION lib/tmpfiles.d RENAME pflowd.conf COMPONENT runtime)
elseif(CMAKE_SYSTEM_NAME STREQUAL "FreeBSD")
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rc.d/freebsd
    DESTINATION etc/rc.d RENAME pflowd ${executable} COMPONENT runtime)
elseif(CMAKE_SYSTEM_NAME STREQUAL "OpenBSD")
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rc.d/openbsd
    DESTINATION share/examples/pflow/rc.d RENAME pflowd ${executable}
    COMPONENT runtime)
endif()
if(NOT PFLOW_DEB)
  return()
endif()

if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  message(FATAL_ERROR "PFLOW_DEB goes with CMAKE_INSTALL_PREFIX=/usr, not "
    "${CMAKE_INSTALL_PREFIX}")
endif()
install(FILES ${packaging}/pflowd.conf DESTINATION /etc COMPONENT runtime)
install(FILES ${PFLOW_SOURCE_ROOT}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/pflow RENAME copyright
  COMPONENT runtime)
set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME pflow)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "the maintainers of libpflow <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "NetFlow v5, v9 and IPFIX export of connection states")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME pflow)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION
  "The accounting of connections, as pflow(4) exports it.
pflowd reads connections from conntrack, interfaces, captures, pfsync or pf and
sends them to collectors; pflowctl controls it as FreeBSD's does.")
set(CPACK_DEBIAN_RUNTIME_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS passwd)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${packaging}/deb/postinst
  ${packaging}/deb/prerm ${packaging}/deb/postrm ${packaging}/deb/conffiles)
include(CPack)
