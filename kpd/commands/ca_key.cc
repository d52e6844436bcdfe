// kpd ca init, key, list: the keys of the test CA.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/test_keys.h"
#include "kpd/commands/ca_options.h"

namespace kpd {
namespace {

using emvcrypto::to_hex;

struct KeyOptions {
  AreaOptions area;
  std::string name, format, rid, index = "F1";
  std::size_t bits = 1408;
  unsigned exponent = 3;
};

void add_size_options(CLI::App& command, KeyOptions& options) {
  command.add_option("--bits", options.bits, "Length of the key, a multiple of 8 (default: 1408)")
      ->check(CLI::Range(1024, 1984));
  command.add_option("--exponent", options.exponent, "3 (default) or 65537")
      ->check(CLI::IsMember({3U, 65537U}));
}

void check_bits(const KeyOptions& options) {
  if (options.bits % 8 != 0)
    throw Failure(ExitCode::usage, "--bits: a key has whole bytes: a multiple of 8");
}

/// The test CA's token, made where the area has none yet. Its PIN is what is given.
void make_token(Area& area, hsm::PinSource& pins) {
  const auto party = area.parties().find(kSchemeCa);
  if (party == area.parties().end())
    throw Failure(ExitCode::usage, fmt::format("{}: add a party to it: {}: a label for its token",
                                               (area.folder() / "area.yaml").string(), kSchemeCa));
  const std::string& label = party->second;
  const auto labels = area.module()->token_labels();
  if (std::find(labels.begin(), labels.end(), label) != labels.end()) return;
  const hsm::Secret pin = pins.pin(label);
  area.module()->init_token(label, pin, pin);
  say(label + ": the test CA's token is made");
}

ExitCode run_init(const KeyOptions& options, const Invocation& invocation) {
  check_bits(options);
  Area area = options.area.open();
  require_test_area(area);
  auto pins = make_pin_source(invocation);
  make_token(area, *pins);
  TestCa ca(std::move(area), std::move(pins));
  for (const SchemeFormat& format : scheme_formats()) {
    const Bytes rid = emvcrypto::from_hex(format.rid);
    const auto keys = ca.keys();
    const bool there = std::any_of(keys.begin(), keys.end(), [&](const TestCaKey& key) {
      return key.stored.ca.rid == rid && key.stored.ca.retired.empty();
    });
    if (there) continue;
    make_ca_key(ca, {std::string(format.name), rid, 0xF1, options.bits, options.exponent});
    say(fmt::format("{}: a key of {} bits at index F1", format.title, options.bits));
  }
  ca.list_test_keys();
  return ExitCode::done;
}

ExitCode run_key(const KeyOptions& options, const Invocation& invocation) {
  check_bits(options);
  check_file_name(options.name);
  if (options.format.empty() == options.rid.empty())
    throw Failure(ExitCode::usage, "name the scheme: --format or --rid");
  const Bytes rid = options.format.empty() ? hex_option("--rid", options.rid, 5)
                                           : emvcrypto::from_hex(find_format(options.format).rid);
  TestCa ca(options.area, invocation);
  make_ca_key(ca, {options.name, rid, hex_option("--index", options.index, 1)[0], options.bits,
                   options.exponent});
  say(fmt::format("{}: a key of {} bits at index {} of {}", options.name, options.bits,
                  options.index, to_hex(rid)));
  return ExitCode::done;
}

ExitCode run_list(const KeyOptions& options, const Invocation& invocation) {
  const TestCa ca(options.area, invocation);
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const TestCaKey& key : ca.keys()) {
    const CaKey& stored = key.stored.ca;
    const std::string hash = to_hex(emvcrypto::ca_key_hash(stored.rid, stored.index, stored.key));
    rows.push_back({{"name", key.stored.name},
                    {"rid", to_hex(stored.rid)},
                    {"index", fmt::format("{:02X}", stored.index)},
                    {"bits", stored.key.size() * 8},
                    {"exponent", to_hex(stored.key.exponent)},
                    {"hash", hash},
                    {"retired", stored.retired}});
    if (!invocation.json)
      fmt::print("{:<16} {} {:02X}  {:>4} bits, exponent {:<6}  {}{}\n", key.stored.name,
                 to_hex(stored.rid), stored.index, stored.key.size() * 8,
                 to_hex(stored.key.exponent), hash,
                 stored.retired.empty() ? "" : "  retired " + stored.retired);
  }
  if (invocation.json) std::cout << rows.dump(2) << "\n";
  return ExitCode::done;
}

}  // namespace

void add_ca_init(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<KeyOptions>();
  CLI::App* command =
      parent.add_subcommand("init", "A test CA with a key for every scheme that has none");
  add_size_options(*command, *options);
  options->area.add_to(*command);
  add_pin_option(*command, invocation);
  command->footer("Example:  kpd ca init --area demo/area.yaml");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_init(*options, invocation); };
  });
}

void add_ca_key(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<KeyOptions>();
  CLI::App* command = parent.add_subcommand("key", "Another key of the test CA");
  command->add_option("NAME", options->name, "Its name in this work area")->required();
  command->add_option("--format", options->format, "Scheme, as kpd cert request names it");
  command->add_option("--rid", options->rid, "RID of another scheme, 10 digits");
  command->add_option("--index", options->index, "F1 (default), F2 or F3: kept for tests");
  add_size_options(*command, *options);
  options->area.add_to(*command);
  add_pin_option(*command, invocation);
  command->footer("Example:  kpd ca key domestic --rid F000000098 --index F2 --bits 1984");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_key(*options, invocation); };
  });
}

void add_ca_list(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<KeyOptions>();
  CLI::App* command = parent.add_subcommand("list", "The test CA's keys");
  options->area.add_to(*command);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd ca list --area demo/area.yaml");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_list(*options, invocation); };
  });
}

}  // namespace kpd
