// What the C++ consumers of the test suite share: checks, and a main that runs tests by name, prints what failed, and a count.
#pragma once

#include <cstdio>
#include <exception>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

#define CHECK(...)                                                                                        \
	do {                                                                                                  \
		if(!(__VA_ARGS__)) {                                                                              \
			throw std::logic_error(std::string(#__VA_ARGS__) + ", line " + std::to_string(__LINE__));     \
		}                                                                                                 \
	} while(false)

// Whether `act` throws an Exception whose message contains `part`.
template<typename Exception, typename Act>
bool throws(const std::string& part, Act act) {
	try {
		act();
	} catch(const Exception& e) {
		return std::string(e.what()).find(part) != std::string::npos;
	}
	return false;
}

inline int run_tests(std::initializer_list<std::pair<const char*, void (*)()>> tests) {
	int passed = 0, failed = 0;
	for(const auto& [name, test] : tests) {
		try {
			test();
			passed++;
		} catch(const std::exception& e) {
			std::printf("FAILED: %s: %s\n", name, e.what());
			failed++;
		}
	}
	std::printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
