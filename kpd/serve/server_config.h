/// What a personalisation server has: machines, their stations, its tasks. From a YAML file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kpd {

/// Where readers are: of this host's PC/SC service, of another instance of it, or of another host.
struct StationPlace {
  std::string reader;           ///< a part of its name; empty: every reader there
  std::filesystem::path pcscd;  ///< socket of a PC/SC service that is not this process' own
  std::string host;             ///< HOST:PORT of a station host
  std::filesystem::path tls;    ///< folder with its certificates
};

/// A machine with its stations.
struct ServerMachine {
  std::string name;
  bool conveyor = false;  ///< the next chip comes with a cold reset
  std::vector<StationPlace> stations;
};

struct ServerConfig {
  std::filesystem::path file;
  std::filesystem::path area;  ///< whose personaliser's token has the keys
  std::vector<ServerMachine> machines;
  std::vector<std::filesystem::path> tasks;  ///< files

  /// Throws Failure(usage) when there is none.
  const ServerMachine& machine(const std::string& name) const;
};

/// Reads a file of kind `server`. Throws ConfigError with every mistake in it.
ServerConfig read_server_config(const std::filesystem::path& file);

}  // namespace kpd
