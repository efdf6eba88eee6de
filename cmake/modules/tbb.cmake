# include(tbb): oneTBB. TBB_INCLUDE_DIR, TBB_LIB, with a copy also TBB_SRC; the target `tbb`.
include("${CMAKE_CURRENT_LIST_DIR}/falcosecurity-dependency.cmake")
string(TOLOWER "${CMAKE_BUILD_TYPE}" tbb_build_type)
if(tbb_build_type STREQUAL debug AND USE_BUNDLED_TBB)
	set(tbb_library tbb_debug)
else()
	set(tbb_library tbb)
endif()
falcosecurity_dependency(
	tbb
	INCLUDE TBB_INCLUDE_DIR tbb/tbb.h
	LIB TBB_LIB ${tbb_library}
	PACKAGE libtbb-dev
	SOURCES TBB_SRC https://github.com/oneapi-src/oneTBB/archive/refs/tags/v2022.1.0.tar.gz
		ed067603ece0dc832d2881ba5c516625ac2522c665d95f767ef6304e34f961b5
	# Its warnings of newer compilers are no errors.
	BUILD CMAKE
	ARGUMENTS -DTBB_TEST=OFF -DTBB_STRICT=OFF -DTBBMALLOC_BUILD=OFF
)
