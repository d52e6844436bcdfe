// kpd ca publish: what the test CA gives to terminals.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/ca_key_file.h"
#include "kpd/certificates/ca_key_list.h"
#include "kpd/certificates/test_keys.h"
#include "kpd/commands/ca_options.h"
#include "kpd/keys/hsm_signer.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

struct PublishOptions {
  AreaOptions area;
  std::string format, ca, expiry = "1249", folder = ".";
};

/// The key's own files: in the format of its scheme, or in both families' first where it has none.
std::vector<const SchemeFormat*> formats_for(const PublishOptions& options, const CaKey& ca) {
  if (!options.format.empty()) return {&find_format(options.format)};
  if (const SchemeFormat* own = format_of_rid(ca.rid)) return {own};
  std::vector<const SchemeFormat*> both;
  for (const FileFamily family : {FileFamily::indexed, FileFamily::tracked})
    for (const SchemeFormat& format : scheme_formats())
      if (format.family == family) {
        both.push_back(&format);
        break;
      }
  return both;
}

NamedFile text_file(const std::string& name, const std::string& text) {
  return {name, Bytes(text.begin(), text.end())};
}

ExitCode run_publish(const PublishOptions& options, const Invocation& invocation) {
  const TestCa ca(options.area, invocation);
  const Bytes expiry = expiry_option(options.expiry, options.area.today());
  std::vector<NamedFile> files;
  std::vector<CaKey> published;
  std::vector<TestKey> listed;
  for (const TestCaKey& key : ca.keys()) {
    const CaKey& stored = key.stored.ca;
    if (!stored.retired.empty() || (!options.ca.empty() && key.stored.name != options.ca)) continue;
    published.push_back(stored);
    listed.push_back(test_key_of(stored));
    HsmSigner signer(ca.token, "pkcs11:object=" + key.label);
    for (const SchemeFormat* format : formats_for(options, stored))
      for (NamedFile& file : make_ca_files({format,
                                            stored.rid,
                                            stored.index,
                                            expiry,
                                            {0, 0, 1},
                                            emvcrypto::from_hex(format->service_id)},
                                           signer))
        files.push_back(std::move(file));
  }
  if (published.empty())
    throw Failure(ExitCode::usage, "the test CA has no such key: kpd ca list tells them");
  files.push_back(text_file("ca-keys.csv", ca_csv_text(published)));
  files.push_back(text_file("ca-keys.yaml", ca_list_text(published)));
  files.push_back(text_file("test-keys.yaml", test_key_list(listed)));
  write_new_files(options.folder, files);
  ca.list_test_keys();
  nlohmann::ordered_json names = nlohmann::ordered_json::array();
  for (const NamedFile& file : files) {
    names.push_back((fs::path(options.folder) / file.name).string());
    if (!invocation.json) say(names.back().get<std::string>());
  }
  if (invocation.json) std::cout << nlohmann::ordered_json{{"files", names}}.dump(2) << "\n";
  return ExitCode::done;
}

}  // namespace

void add_ca_publish(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<PublishOptions>();
  CLI::App* command = parent.add_subcommand(
      "publish", "CA keys as files of their schemes, plain lists, and the list of test keys");
  command->add_option("--format", options->format, "Format of the files (default: the scheme's)");
  command->add_option("--ca", options->ca, "Name of one key (default: all)");
  command->add_option("--expiry", options->expiry,
                      "Last month of the keys' validity, MMYY (default: 1249)");
  command->add_option("-o,--output", options->folder, "Folder for the files (default: here)");
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd ca publish --area demo/area.yaml -o published");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_publish(*options, invocation); };
  });
}

}  // namespace kpd
