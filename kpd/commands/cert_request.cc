// kpd cert request: the files by which an issuer asks a scheme for a certificate.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/certificate_register.h"
#include "kpd/certificates/test_keys.h"
#include "kpd/commands/cert_options.h"
#include "kpd/keyring/key_register.h"
#include "kpd/keys/hsm_signer.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using emvcrypto::to_hex;

struct RequestOptions {
  AreaOptions area;
  std::string issuer, format, issuer_id, expiry, tracking, folder = ".";
  std::string key, key_index = "000001", service_id, rid;
};

/// The issuer's pair by --key, else the current version of the key of the issuer's name, else as
/// `kpd init` labels it.
std::string key_of(const Area& area, hsm::Token& token, const RequestOptions& options) {
  if (!options.key.empty()) return options.key;
  if (auto known = KeyRegister::read(area.register_file()))
    for (const KeyRow& row : known->rows(token.label()))
      if (row.name == options.issuer && row.role == "ISSUER" && row.state == KeyState::current)
        return "pkcs11:object=" + row.label;
  for (const std::string& label : {options.issuer, "ISS-" + options.issuer})
    if (token.try_find("pkcs11:object=" + label + ";type=private")) return "pkcs11:object=" + label;
  throw Failure(ExitCode::hold,
                fmt::format("the token '{}' has no key pair of issuer '{}': make one with kpd key "
                            "generate {} {} --role ISSUER --bits 1408 --exponent 3, or name it "
                            "with --key",
                            token.label(), options.issuer, area.folder().string(), options.issuer));
}

void check_key(const emvcrypto::RsaPublicKey& key, const std::string& uri) {
  constexpr std::size_t kShortest = 128, kLongest = 248;
  const bool exponent = key.exponent == Bytes{3} || key.exponent == Bytes{1, 0, 1};
  if (key.size() < kShortest || key.size() > kLongest || !exponent)
    throw Failure(ExitCode::usage,
                  fmt::format("{} has {} bits and the exponent {}: schemes certify 1024 to 1984 "
                              "bits with 3 or 65537",
                              uri, key.size() * 8, to_hex(key.exponent)));
}

RequestOrder order_of(const RequestOptions& options) {
  const SchemeFormat& format = find_format(options.format);
  RequestOrder order;
  order.format = &format;
  order.day = options.area.today();
  order.issuer_id = issuer_id_option(options.issuer_id);
  order.expiry = expiry_option(options.expiry, order.day);
  order.tracking = hex_option("--tracking", options.tracking, 3);
  if (format.family == FileFamily::indexed)
    order.key_index = hex_option("--key-index", options.key_index, 3);
  else
    order.service_id = options.service_id.empty()
                           ? emvcrypto::from_hex(format.service_id)
                           : hex_option("--service-id", options.service_id, 4);
  return order;
}

ExitCode run_request(const RequestOptions& options, const Invocation& invocation) {
  check_file_name(options.issuer);
  const RequestOrder order = order_of(options);
  const Bytes rid = options.rid.empty() ? emvcrypto::from_hex(order.format->rid)
                                        : hex_option("--rid", options.rid, 5);
  Area area = options.area.open();
  const auto pins = make_pin_source(invocation);
  const auto token = area.open(kPreparation, *pins);
  const std::string uri = key_of(area, *token, options);
  HsmSigner signer(token, uri);
  check_key(signer.public_key(), uri);
  const RequestFiles made = make_request(order, signer);
  check_new_files(options.folder, made.files);
  // Registered first: a number that went out once is known even if writing fails.
  CertificateRegister::open(area.folder() / kCertificateRegister)
      .add_request({options.issuer, uri, key_fingerprint(signer.public_key()), options.format,
                    to_hex(rid), to_hex(order.issuer_id), to_hex(order.tracking),
                    to_hex(order.key_index), to_hex(order.expiry), order.day.iso()});
  write_new_files(options.folder, made.files);
  note(area, "cert request", "done",
       {{"issuer", options.issuer},
        {"key", uri},
        {"tracking", to_hex(order.tracking)},
        {"hash", to_hex(made.hash)}});
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const NamedFile& file : made.files) {
    const std::string path = (fs::path(options.folder) / file.name).string();
    files.push_back(path);
    if (!invocation.json) say(fmt::format("{}: {} bytes", path, file.content.size()));
  }
  if (invocation.json)
    std::cout << nlohmann::ordered_json{{"files", files}, {"hash", to_hex(made.hash)}}.dump(2)
              << "\n";
  else
    say(fmt::format("hash of the request, for the paper that goes with it: {}", to_hex(made.hash)));
  return ExitCode::done;
}

}  // namespace

void add_cert_request(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<RequestOptions>();
  CLI::App* command = parent.add_subcommand("request", "Files that ask a scheme for a certificate");
  std::string names;
  for (const SchemeFormat& format : scheme_formats())
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  command->add_option("ISSUER", options->issuer, "Name of the issuer in this work area")
      ->required();
  command->add_option("--format", options->format, "Whose files: " + names)->required();
  command->add_option("--issuer-id", options->issuer_id, "Issuer identifier, 3 to 8 digits")
      ->required();
  command->add_option("--expiry", options->expiry, "Last month of validity, MMYY")->required();
  command->add_option("--tracking", options->tracking, "Number that the scheme gave, 6 digits")
      ->required();
  command->add_option("--key-index", options->key_index,
                      "Index of the issuer's key, 6 digits (default: 000001)");
  command->add_option("--service-id", options->service_id,
                      "Service identifier, 8 digits (default: the format's)");
  command->add_option("--rid", options->rid, "RID of the scheme (default: the format's)");
  command->add_option("--key", options->key,
                      "Label or URI of the key pair (default: the issuer's name)");
  command->add_option("-o,--output", options->folder, "Folder for the files (default: here)");
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      fmt::format("Example:  kpd cert request gold --format {} --issuer-id 476174 --expiry 1230 "
                  "--tracking 960097 -o out",
                  scheme_formats().front().name));
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_request(*options, invocation); };
  });
}

}  // namespace kpd
