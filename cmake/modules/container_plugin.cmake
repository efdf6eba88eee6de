# include(container_plugin): CONTAINER_LIBRARY, the file of the container plugin, which the target `container_plugin` downloads. A project that has
# such a target already provides the file itself.
#
#   CONTAINER_VERSION, CONTAINER_HASH   the version, and the SHA-256 of its archive for this machine
cmake_policy(VERSION 3.16)
if(POLICY CMP0135)
	cmake_policy(SET CMP0135 NEW)
endif()
include(ExternalProject)
set(CONTAINER_LIBRARY "${CMAKE_CURRENT_BINARY_DIR}/container_plugin-prefix/src/container_plugin/libcontainer.so")
if(NOT CONTAINER_VERSION)
	set(CONTAINER_VERSION 0.6.0)
endif()
if(NOT CONTAINER_HASH)
	if(CMAKE_HOST_SYSTEM_PROCESSOR STREQUAL "x86_64")
		set(CONTAINER_HASH f9c322dc2aa4cbda492a5e6258532f771e960db45509a53bc1a528a01f4b6168)
	else()
		set(CONTAINER_HASH f2015a5c758b5eb79869ec1593352adf5c955990e58e08047b4c1344c6b07676)
	endif()
endif()
if(NOT TARGET container_plugin)
	string(TOLOWER "${CMAKE_HOST_SYSTEM_NAME}" container_system)
	message(STATUS "Downloading the container plugin ${CONTAINER_VERSION}: ${CONTAINER_LIBRARY}")
	ExternalProject_Add(
		container_plugin
		URL "https://download.falco.org/plugins/stable/container-${CONTAINER_VERSION}-${container_system}-${CMAKE_HOST_SYSTEM_PROCESSOR}.tar.gz"
		URL_HASH "SHA256=${CONTAINER_HASH}"
		CONFIGURE_COMMAND ""
		BUILD_COMMAND ""
		INSTALL_COMMAND ""
	)
endif()
