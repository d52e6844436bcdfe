/// Records for a benchmark, in the layout of examples/bench/job.yaml.
#pragma once

#include <cstdint>
#include <filesystem>

#include "hsm/token.h"

namespace kpd {

/// Writes `count` good records of one product, each with another PAN and a PIN block of its own
/// under `kek1`. product: "SDA" or "DDA". back_office: the token that holds kek1, which may
/// encrypt.
void write_bench_records(const std::filesystem::path& file, std::string_view product,
                         std::uint64_t count, hsm::Token& back_office, const hsm::Key& kek1);

}  // namespace kpd
