#include "kpd/inspect/stage_head.h"

#include "kpd/inspect/inspect_card_file.h"
#include "kpd/keys/transport_keys.h"

namespace kpd::inspect {
namespace {

std::string hex(const std::string& bytes) {
  return emvcrypto::to_hex(emvcrypto::as_bytes(bytes));
}

}  // namespace

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
