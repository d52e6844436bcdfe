/// A small private authority for stations, with the folders that hosts and clients need.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace kpd {

constexpr std::chrono::hours kStationCertificateTime{825 * 24};

/// Makes what is not there yet of
///   FOLDER/ca/{ca.pem, ca.key}, FOLDER/client/{ca.pem, client.pem, client.key} and, for each host
///   (DNS name or IPv4 address), FOLDER/HOST/{ca.pem, station.pem, station.key};
/// folders of mode 0700, keys of 0600. Gives the folders that were made. Throws Failure(usage) for
/// a host that is no name, Failure(hold) when a host's folder is there already, Failure(io).
std::vector<std::filesystem::path> make_certificate_folders(
    const std::filesystem::path& folder, const std::vector<std::string>& hosts,
    std::chrono::system_clock::time_point now);

}  // namespace kpd
