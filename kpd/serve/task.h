/// A task: how the cards of packages of some type are personalised. From a YAML file.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cps/loader.h"
#include "kpd/script/script.h"
#include "kpd/station/station_options.h"

namespace kpd {

/// A value that scripts read by data.parameter().
struct TaskParameter {
  std::string name;
  std::string value;   ///< where nobody is asked
  std::string prompt;  ///< what the operator is asked at the task's start; empty: nobody is
};

struct Task {
  std::filesystem::path file;
  std::string title;
  /// Types of packages, which are the names of their jobs; a last * stands for anything.
  std::vector<std::string> packages;
  std::string machine;                    ///< by its name at the server
  std::map<std::string, Script> scripts;  ///< by product; "": all others
  std::vector<TaskParameter> parameters;
  cps::ChannelPolicy channels;
  RetryPolicy retry;
  unsigned wait_seconds = 60;
  bool one_dgi = false;
};

/// Reads a file of kind `task`, its scripts too. Throws ConfigError with every mistake in it.
Task read_task(const std::filesystem::path& file);

/// Whether the task is for packages of this type.
bool takes(const Task& task, const std::string& type);

/// The task for this type. Throws Failure(usage) when there is none, or more than one with as good
/// a reason: a type named in full goes before one with a *, a longer beginning before a shorter
/// one.
const Task& task_for(const std::vector<Task>& tasks, const std::string& type);

}  // namespace kpd
