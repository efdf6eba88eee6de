// SPDX-License-Identifier: Apache-2.0
// Forwarding header, for programs that include it for definitions that other headers now have.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>
#include <libsinsp/ifinfo.h>
#include <libsinsp/settings.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/utils.h>

#include <cassert>
#include <csignal>
#include <deque>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <list>
#include <memory>
#include <queue>
#include <sstream>
#include <string>
#include <vector>
