#include "kpd/serve/ask_parameters.h"

namespace kpd {

std::map<std::string, std::string> task_parameters(
    const Task& task, const std::map<std::string, std::string>& given,
    const std::function<std::string(const TaskParameter&)>& ask) {
  std::map<std::string, std::string> values;
  for (const TaskParameter& parameter : task.parameters) {
    const auto known = given.find(parameter.name);
    if (parameter.prompt.empty())
      values[parameter.name] = parameter.value;
    else
      values[parameter.name] = known != given.end() ? known->second : ask(parameter);
  }
  return values;
}

}  // namespace kpd
