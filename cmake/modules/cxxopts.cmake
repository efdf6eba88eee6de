# include(cxxopts): CXXOPTS_INCLUDE_DIR, with a copy also CXXOPTS_SRC; the target `cxxopts`. The libraries do not need it.
include("${CMAKE_CURRENT_LIST_DIR}/falcosecurity-dependency.cmake")
falcosecurity_dependency(
	cxxopts
	INCLUDE CXXOPTS_INCLUDE_DIR cxxopts.hpp
	PACKAGE libcxxopts-dev
	SOURCES CXXOPTS_SRC https://github.com/jarro2783/cxxopts/archive/refs/tags/v3.3.1.tar.gz
		3bfc70542c521d4b55a46429d808178916a579b28d048bd8c727ee76c39e2072
	BUILD NOTHING
	HEADERS include
)
