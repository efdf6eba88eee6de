# Installs the libraries, their headers, pkg-config files and CMake packages, and the modules for projects that want a source tree. CMakeLists.txt
# includes it. All paths in the installed files are relative to the file.
include(CMakePackageConfigHelpers)

foreach(name scap sinsp)
	install(FILES "${output}/lib${name}.a" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endforeach()
install(
	FILES "${library}"
	DESTINATION "${CMAKE_INSTALL_LIBDIR}"
	PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE
)
install(FILES ${links} DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES "${library}.debug" DESTINATION "${CMAKE_INSTALL_LIBDIR}/.debug" OPTIONAL)

install(FILES include/libpman.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY include/falcosecurity DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")

# What `pkg-config --static` searches first, so that -lscap and -lsinsp are the archives.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/archives")
foreach(name scap sinsp)
	file(CREATE_LINK "../lib${name}.a" "${PROJECT_BINARY_DIR}/archives/lib${name}.a" SYMBOLIC)
	install(FILES "${PROJECT_BINARY_DIR}/archives/lib${name}.a" DESTINATION "${CMAKE_INSTALL_LIBDIR}/falcosecurity-archives")
endforeach()

# The prefix is computed from the location of the pkg-config and CMake files.
set(pkgconfig_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH FALCOSECURITY_PREFIX_FROM_PC "/prefix/${pkgconfig_dir}" "/prefix")
string(REGEX REPLACE "/$" "" FALCOSECURITY_PREFIX_FROM_PC "${FALCOSECURITY_PREFIX_FROM_PC}")
foreach(name libscap libsinsp libpman falcosecurity-scap falcosecurity-sinsp)
	configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
	install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION "${pkgconfig_dir}")
endforeach()
foreach(name libscap libsinsp libpman)
	set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/${name}")
	configure_package_config_file(
		cmake/${name}-config.cmake.in ${name}-config.cmake
		INSTALL_DESTINATION "${package_dir}"
		PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR
	)
	write_basic_package_version_file(${name}-config-version.cmake COMPATIBILITY SameMinorVersion)
	install(
		FILES "${PROJECT_BINARY_DIR}/${name}-config.cmake" "${PROJECT_BINARY_DIR}/${name}-config-version.cmake"
		DESTINATION "${package_dir}"
	)
endforeach()
install(FILES cmake/falcosecurity-library.cmake DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/libscap")

# What a project takes instead of a checkout: its FALCOSECURITY_LIBS_SOURCE_DIR. Packages for several architectures install it in a folder of each.
set(FALCOSECURITY_SOURCE_INSTALLDIR "${CMAKE_INSTALL_DATADIR}/falcosecurity-libs" CACHE STRING "Where the modules for other builds are installed, below the prefix")
set(source_dir "${FALCOSECURITY_SOURCE_INSTALLDIR}")
set(modules_dir "${source_dir}/cmake/modules")
file(RELATIVE_PATH packages_from_modules "/prefix/${modules_dir}" "/prefix/${CMAKE_INSTALL_LIBDIR}/cmake")
file(RELATIVE_PATH headers_from_modules "/prefix/${modules_dir}" "/prefix/${CMAKE_INSTALL_INCLUDEDIR}/falcosecurity")
configure_file(cmake/installed-layout.cmake.in installed/falcosecurity-layout.cmake @ONLY)
install(
	DIRECTORY cmake/modules/
	DESTINATION "${modules_dir}"
	PATTERN falcosecurity-layout.cmake EXCLUDE
)
install(FILES "${PROJECT_BINARY_DIR}/installed/falcosecurity-layout.cmake" DESTINATION "${modules_dir}")
install(FILES driver/CMakeLists.txt driver/driver_config.h.in driver/API_VERSION driver/SCHEMA_VERSION DESTINATION "${source_dir}/driver")
install(DIRECTORY "${falcosecurity_module_sources}/" DESTINATION "${source_dir}/driver/kmod")

# What a reader finds beside the library.
# The paths are those of the checkout, so that the links in the documents lead somewhere.
install(FILES LICENSE README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES driver/README.md DESTINATION "${CMAKE_INSTALL_DOCDIR}/driver")
install(FILES capi/README.md DESTINATION "${CMAKE_INSTALL_DOCDIR}/capi")
install(DIRECTORY driver/LICENSES/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/driver/LICENSES")
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs" FILES_MATCHING PATTERN "*.md")
install(DIRECTORY examples/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
install(DIRECTORY capi/examples/scap-open DESTINATION "${CMAKE_INSTALL_DOCDIR}/capi/examples")
install(FILES sinsp-core/examples/filter.rs DESTINATION "${CMAKE_INSTALL_DOCDIR}/sinsp-core/examples")

# `uninstall` removes the files of the last installation from this build folder.
if(top_level)
	add_custom_target(
		uninstall
		COMMAND ${CMAKE_COMMAND} "-DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt" -P "${PROJECT_SOURCE_DIR}/cmake/uninstall.cmake"
		VERBATIM
	)
endif()
include(cmake/pages.cmake)
