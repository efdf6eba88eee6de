# include(jsoncpp): JSONCPP_INCLUDE, JSONCPP_LIB, with a copy also JSONCPP_SRC; the target `jsoncpp`. The libraries do not need it.
include("${CMAKE_CURRENT_LIST_DIR}/falcosecurity-dependency.cmake")
falcosecurity_dependency(
	jsoncpp
	INCLUDE JSONCPP_INCLUDE json/json.h
	SUFFIX jsoncpp
	LIB JSONCPP_LIB jsoncpp
	PACKAGE libjsoncpp-dev
	SOURCES JSONCPP_SRC https://github.com/open-source-parsers/jsoncpp/archive/refs/tags/1.9.5.tar.gz
		f409856e5920c18d0c2fb85276e24ee607d2a09b5e7d5f0a371368903c275da2
	BUILD CMAKE
	ARGUMENTS -DJSONCPP_WITH_TESTS=OFF -DJSONCPP_WITH_POST_BUILD_UNITTEST=OFF -DBUILD_OBJECT_LIBS=OFF
)
