# include(zlib): ZLIB_INCLUDE, ZLIB_LIB, with a copy also ZLIB_SRC; the target `zlib`.
include("${CMAKE_CURRENT_LIST_DIR}/falcosecurity-dependency.cmake")
falcosecurity_dependency(
	zlib
	INCLUDE ZLIB_INCLUDE zlib.h
	LIB ZLIB_LIB z
	PACKAGE zlib1g-dev
	SOURCES ZLIB_SRC https://github.com/madler/zlib/releases/download/v1.3.1/zlib-1.3.1.tar.gz
		9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23
	BUILD CONFIGURE
)
