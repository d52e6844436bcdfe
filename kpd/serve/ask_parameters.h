/// The parameters of a task that starts: as its file has them, as they were given, or as the
/// operator says.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "kpd/serve/task.h"

namespace kpd {

/// `given`: values by name, from the command line. `ask` gets a prompt and whether the answer is
/// hidden. Throws Failure(usage) when a name is given that the task does not ask for.
std::map<std::string, std::string> task_parameters(
    const Task& task, const std::map<std::string, std::string>& given,
    const std::function<std::string(const TaskParameter&)>& ask);

}  // namespace kpd
