#include "kpd/inspect/stage_head.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/inspect/inspect_card_file.h"
#include "kpd/keys/transport_keys.h"

namespace kpd::inspect {
namespace {

constexpr std::string_view kMagic = "KPDS";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kLengthSize = 4, kMaxHeader = 1 << 16;

std::string read(std::istream& in, std::size_t count) {
  std::string bytes(count, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(count));
  if (static_cast<std::size_t>(in.gcount()) != count)
    throw Failure(ExitCode::hold, "the stage file is damaged: it ends within its head");
  return bytes;
}

std::string hex(const std::string& bytes) {
  return emvcrypto::to_hex(emvcrypto::as_bytes(bytes));
}

}  // namespace

pb::StreamHeader read_stage_head(std::istream& in) {
  const std::string start = read(in, kMagic.size() + 1);
  if (!start.starts_with(kMagic)) throw Failure(ExitCode::hold, "this is not a stage file");
  if (static_cast<std::uint8_t>(start.back()) != kVersion)
    throw Failure(ExitCode::hold, fmt::format("stage file version {} is unknown here",
                                              static_cast<std::uint8_t>(start.back())));
  const std::string length = read(in, kLengthSize);
  const std::size_t size = emvcrypto::to_number(emvcrypto::as_bytes(length));
  if (size > kMaxHeader)
    throw Failure(ExitCode::hold, "the stage file is damaged: its head is too long");
  pb::StreamHeader header;
  if (!header.ParseFromString(read(in, size)))
    throw Failure(ExitCode::hold, "the stage file is damaged: its head cannot be read");
  return header;
}

Node decode_stage_head(const pb::StreamHeader& header) {
  Node node = branch("header", "", "Stage file");
  node.add(field("stage", "written by", header.stage()));
  node.add(field("run", "run", hex(header.run())));
  node.add(field("plan", "plan", header.plan_digest()));
  node.add(field("storage-key", "sealed by", "storage key with KCV " + hex(header.data_key_id())));
  Node keys = branch("keys", "", "transport keys");
  if (header.transport_keys().empty()) keys.value = "none";
  for (const pb::TransportKey& key : header.transport_keys())
    keys.add(decode_wrapped_key(to_file_form(key)));
  node.add(std::move(keys));
  return node;
}

}  // namespace kpd::inspect
