// kpd cert show: a file of a scheme, or a certificate of the work area, field by field.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/ca_key_file.h"
#include "kpd/certificates/check_response.h"
#include "kpd/commands/cert_options.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using emvcrypto::to_hex;
using nlohmann::ordered_json;

struct ShowOptions {
  AreaOptions area;
  std::string what;
};

ordered_json fields_of(const FieldValues& values) {
  ordered_json fields = ordered_json::object();
  for (const auto& [name, value] : values.all()) fields[name] = to_hex(value);
  return fields;
}

ordered_json described(const IssuerRequest& request) {
  return {{"what", "request for an issuer certificate"},
          {"file", fields_of(request.file)},
          {"signed_part", fields_of(request.block)},
          {"checks", "its own signature, hash and all that it says twice hold"}};
}

ordered_json described(const CaKeyFile& read) {
  return {{"what", "CA public key"},
          {"hash", to_hex(emvcrypto::ca_key_hash(read.ca.rid, read.ca.index, read.ca.key))},
          {"file", fields_of(read.file)},
          {"signed_part", fields_of(read.block)},
          {"checks",
           "its own signature, hash and all that it says twice hold; that it is the "
           "scheme's only its hash by another way can tell"}};
}

ordered_json described(const emvcrypto::IssuerCertificate& content, const CaKey& ca) {
  return {{"issuer_id", to_hex(content.issuer_id)},
          {"expiry", to_hex(content.expiry)},
          {"serial", to_hex(content.serial)},
          {"modulus", to_hex(content.key.modulus)},
          {"exponent", to_hex(content.key.exponent)},
          {"signed_by", fmt::format("{} {:02X}", to_hex(ca.rid), ca.index)}};
}

ordered_json described(const OpenedResponse& opened) {
  return {{"what", "issuer certificate"},
          {"file", fields_of(opened.response.file)},
          {"certificate", described(opened.response.content, opened.ca)},
          {"checks", opened.response.family == FileFamily::tracked
                         ? "certificate, hash and detached signature hold"
                         : "certificate and hash hold"}};
}

/// A file that a scheme or an issuer sent.
ordered_json describe_file(const fs::path& file, const std::vector<CaKey>& authorities) {
  const Bytes content = read_small_file(file);
  const auto request = read_request(content);
  if (request) return described(*request);
  const auto ca = read_ca_file(content);
  if (ca) return described(*ca);
  const auto response = open_response(content, authorities);
  if (response) return described(*response);
  for (const FileLayout* layout : {&issuer_hash_layout(HashFile::record), &ca_hash_layout()})
    if (const auto hash = layout->parse(content))
      return {{"what", "hash of a key"}, {"file", fields_of(*hash)}};
  throw Failure(
      ExitCode::hold,
      fmt::format("{}: as a request: {}; as a CA key: {}; as a certificate: {}", file.string(),
                  request.error().reason, ca.error().reason, response.error().reason));
}

ordered_json described(const StoredCertificate& stored, const std::vector<CaKey>& authorities) {
  const IssuerPlan& issuer = stored.issuer;
  ordered_json all{{"what", "issuer certificate"},
                   {"name", stored.name},
                   {"key", issuer.key_uri},
                   {"retired", stored.retired},
                   {"90", to_hex(issuer.certificate)},
                   {"92", to_hex(issuer.remainder)}};
  for (const CaKey& ca : authorities) {
    if (ca.rid != issuer.rid || ca.index != issuer.ca_index) continue;
    const auto content = emvcrypto::recover_issuer_certificate(
        ca.key, issuer.certificate, issuer.remainder, issuer.key.exponent);
    if (!content) refuse(stored.file.string(), content.error());
    all["certificate"] = described(*content, ca);
  }
  return all;
}

ordered_json described(const StoredCaKey& stored) {
  return {{"what", "CA public key"},
          {"name", stored.name},
          {"rid", to_hex(stored.ca.rid)},
          {"index", fmt::format("{:02X}", stored.ca.index)},
          {"modulus", to_hex(stored.ca.key.modulus)},
          {"exponent", to_hex(stored.ca.key.exponent)},
          {"hash", to_hex(emvcrypto::ca_key_hash(stored.ca.rid, stored.ca.index, stored.ca.key))},
          {"expiry", stored.ca.last_day ? stored.ca.last_day->iso() : ""},
          {"retired", stored.ca.retired}};
}

void print(const ordered_json& node, const std::string& indent) {
  for (const auto& [name, value] : node.items()) {
    if (value.is_object()) {
      fmt::print("{}{}:\n", indent, name);
      print(value, indent + "  ");
    } else {
      fmt::print("{}{:<18} {}\n", indent, name, value.get<std::string>());
    }
  }
}

ExitCode run_show(const ShowOptions& options, bool json) {
  std::vector<CaKey> authorities;
  std::vector<StoredCaKey> keys;
  std::vector<StoredCertificate> certificates;
  if (fs::exists(options.area.area)) {
    const Area area = options.area.open();
    keys = stored_ca_keys(area.folder());
    certificates = stored_certificates(area.folder());
  }
  for (const StoredCaKey& key : keys) authorities.push_back(key.ca);
  ordered_json all = ordered_json::array();
  for (const StoredCertificate& one : certificates)
    if (one.name == options.what) all.push_back(described(one, authorities));
  for (const StoredCaKey& one : keys)
    if (one.name == options.what) all.push_back(described(one));
  if (all.empty()) all.push_back(describe_file(options.what, authorities));
  if (json)
    std::cout << all.dump(2) << "\n";
  else
    for (const ordered_json& one : all) print(one, "");
  return ExitCode::done;
}

}  // namespace

void add_cert_show(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = parent.add_subcommand(
      "show", "Every field of a scheme's file, or of a certificate or CA key by its name");
  command->add_option("WHAT", options->what, "A file, or a name that kpd cert list tells")
      ->required();
  options->area.add_to(*command);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd cert show 960097.I94 --area demo/area.yaml");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_show(*options, invocation.json); };
  });
}

}  // namespace kpd
