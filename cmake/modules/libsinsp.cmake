# include(libsinsp): the target `sinsp`, and those of libscap. As in the reference, a program that links `sinsp` may use RE2 and oneTBB too.
#
# Input, besides that of libscap:
#   USE_BUNDLED_TBB, USE_BUNDLED_RE2      see falcosecurity-dependency.cmake
#   SINSP_AGENT_CGROUP_MEM_PATH_ENV_VAR   see falcosecurity-library.cmake
cmake_policy(VERSION 3.16)
if(NOT HAVE_LIBSINSP)
	set(HAVE_LIBSINSP ON)
	include("${CMAKE_CURRENT_LIST_DIR}/libscap.cmake")
	include(tbb)
	include(re2)

	if(NOT TARGET libsinsp::sinsp)
		find_package(libsinsp CONFIG REQUIRED PATHS "${FALCOSECURITY_PACKAGES}/libsinsp" NO_DEFAULT_PATH)
	endif()

	find_package(Threads REQUIRED)
	set(LIBSINSP_INCLUDE_DIRS "${FALCOSECURITY_HEADERS}" "${TBB_INCLUDE_DIR}")
	set_property(
		TARGET sinsp APPEND PROPERTY INTERFACE_LINK_LIBRARIES "${RE2_LIB}" "${TBB_LIB}" Threads::Threads ${CMAKE_DL_LIBS}
	)
	set_property(TARGET sinsp APPEND PROPERTY INTERFACE_INCLUDE_DIRECTORIES "${RE2_INCLUDE}" "${TBB_INCLUDE_DIR}")
	add_dependencies(sinsp re2 tbb)
endif()
