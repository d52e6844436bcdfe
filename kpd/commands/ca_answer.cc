// kpd ca answer: what the test CA gives to issuers.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "kpd/certificates/certificate_register.h"
#include "kpd/certificates/test_keys.h"
#include "kpd/commands/ca_options.h"
#include "kpd/keys/hsm_signer.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using emvcrypto::to_hex;

struct AnswerOptions {
  AreaOptions area;
  std::string file, hash, format, ca, expiry, folder = ".";
};

/// The format under which this area asked, when it was this area and one format: requests of
/// several schemes are alike.
const SchemeFormat* asked_format(const Area& area, const IssuerRequest& request) {
  auto known = CertificateRegister::read(area.folder() / kCertificateRegister);
  if (!known) return nullptr;
  std::set<std::string> names;
  const auto tracking = to_hex(request.tracking), issuer_id = to_hex(request.issuer_id);
  for (const CertificateRequest& one : known->requests())
    if (one.key == key_fingerprint(request.key) && one.tracking == tracking &&
        one.issuer_id == issuer_id && one.key_index == to_hex(request.key_index))
      names.insert(one.format);
  if (names.size() != 1) return nullptr;
  const SchemeFormat& format = find_format(*names.begin());
  return format.family == request.family ? &format : nullptr;
}

/// Whose files a request's answer is made of.
const SchemeFormat& format_of(const AnswerOptions& options, const Area& area,
                              const IssuerRequest& request) {
  if (!options.format.empty()) {
    const SchemeFormat& format = find_format(options.format);
    if (format.family != request.family)
      throw Failure(ExitCode::usage, fmt::format("{}: this is no request of the format {}",
                                                 options.file, options.format));
    return format;
  }
  if (request.family == FileFamily::indexed) {
    if (const SchemeFormat* asked = asked_format(area, request)) return *asked;
    std::string names;
    for (const SchemeFormat& format : scheme_formats())
      if (format.family == FileFamily::indexed)
        names += (names.empty() ? "" : " or ") + std::string(format.name);
    throw Failure(ExitCode::usage,
                  fmt::format("{}: this may be a request to several schemes: name the one with "
                              "--format {}",
                              options.file, names));
  }
  const SchemeFormat* found = format_of_service(request.service_id);
  if (found == nullptr)
    throw Failure(ExitCode::usage,
                  fmt::format("{}: no format has the service identifier {}: name one with --format",
                              options.file, to_hex(request.service_id)));
  return *found;
}

IssuerRequest read(const AnswerOptions& options) {
  auto request = read_request(read_small_file(options.file));
  if (!request) refuse(options.file, request.error());
  if (options.hash.empty()) return std::move(*request);
  Bytes told;
  if (const auto digits = emvcrypto::parse_hex(options.hash); digits && digits->size() == 20) {
    told = *digits;
  } else {
    const auto file = read_request_hash(*request, read_small_file(options.hash));
    if (!file) refuse(options.hash, file.error());
    told = *file;
  }
  if (told != request->hash)
    refuse(options.file, {"cert-hash", fmt::format("the request has the hash {}, what was told is "
                                                   "{}",
                                                   to_hex(request->hash), to_hex(told))});
  return std::move(*request);
}

ExitCode run_answer(const AnswerOptions& options, const Invocation& invocation) {
  const IssuerRequest request = read(options);
  const TestCa ca(options.area, invocation);
  const SchemeFormat& format = format_of(options, ca.area, request);
  const TestCaKey key = ca.key(options.ca, emvcrypto::from_hex(format.rid));
  const CaKey& stored = key.stored.ca;
  if (request.key.size() > stored.key.size())
    throw Failure(
        ExitCode::hold,
        fmt::format("{}: the issuer's key has {} bits, the CA's {}: it must not be longer",
                    options.file, request.key.size() * 8, stored.key.size() * 8));
  const Bytes expiry =
      options.expiry.empty() ? request.expiry : hex_option("--expiry", options.expiry, 2);
  Bytes serial;
  emvcrypto::append_number(serial,
                           CertificateRegister::open(ca.area.folder() / kCertificateRegister)
                               .next_ca_serial(key_fingerprint(stored.key)),
                           3);
  HsmSigner signer(ca.token, "pkcs11:object=" + key.label);
  const NamedFile made = make_response(
      {&format, &request, expiry, serial, stored.rid, stored.index, options.area.today()}, signer);
  write_new_files(options.folder, {made});
  note(ca.area, "ca answer", "done",
       {{"ca", key.stored.name},
        {"issuer_id", to_hex(request.issuer_id)},
        {"serial", to_hex(serial)}});
  const std::string path = (fs::path(options.folder) / made.name).string();
  if (invocation.json)
    std::cout << nlohmann::ordered_json{{"file", path},
                                        {"serial", to_hex(serial)},
                                        {"ca", key.stored.name}}
                     .dump(2)
              << "\n";
  else
    say(fmt::format("{}: certificate {} of issuer {} under {}", path, to_hex(serial),
                    to_hex(request.issuer_id), key.stored.name));
  return ExitCode::done;
}

}  // namespace

void add_ca_answer(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<AnswerOptions>();
  CLI::App* command = parent.add_subcommand("answer", "Answer a request in its own format");
  command->add_option("REQUEST", options->file, "The issuer's request")->required();
  command->add_option("--hash", options->hash, "Hash of the request: 40 digits, or a file");
  command->add_option("--format", options->format,
                      "Format of the answer (default: what the request is; needed where schemes' "
                      "requests are alike and another area asked)");
  command->add_option("--ca", options->ca, "Name of the CA key (default: the scheme's)");
  command->add_option("--expiry", options->expiry, "MMYY (default: what was asked for)");
  command->add_option("-o,--output", options->folder, "Folder for the file (default: here)");
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd ca answer out/541333-000001.sip --hash out/541333-000001.hip");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_answer(*options, invocation); };
  });
}

}  // namespace kpd
