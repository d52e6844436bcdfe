/// What a file is, by its first bytes.
#pragma once

#include <filesystem>
#include <istream>
#include <optional>
#include <string>

namespace kpd::inspect {

enum class FileKind { card_file, stage_file, reject_file, yaml, unknown };

/// Reads the start of the stream and goes back to it. An empty file is what its name says.
FileKind file_kind(std::istream& in, const std::filesystem::path& name);

/// One line about a file that people write, by its `kind`: what it is and which command takes it.
std::string describe_yaml(std::istream& in, const std::filesystem::path& name);

}  // namespace kpd::inspect
