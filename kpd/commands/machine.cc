// kpd machine: models of personalisation machines, and what they would make of a batch.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "kpd/commands/command.h"
#include "kpd/commands/machine_report.h"

namespace kpd {
namespace {

constexpr std::uint64_t kMostCards = 1'000'000;
constexpr std::uint64_t kMostCharacters = 1000;
constexpr std::uint64_t kMostShare = 1'000'000;

struct WhatIfOptions {
  std::string model;
  std::string chip = "7", host = "0";
  std::vector<std::string> types, failures;
  std::uint64_t cards = 1000, characters = 40, seed = 1;
  unsigned stations = 0;
};

Milliseconds seconds_option(const std::string& option, const std::string& text) {
  if (const auto time = parse_seconds(text)) return *time;
  throw Failure(
      ExitCode::usage,
      fmt::format("{}: '{}' is no time of 0 to 3600 seconds, such as 7 or 7.25", option, text));
}

/// A whole number from `low` to `high` that is the whole text.
std::optional<std::uint64_t> number_in(std::string_view text, std::uint64_t low,
                                       std::uint64_t high) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc() || end != text.end() || value < low || value > high) return std::nullopt;
  return value;
}

/// "7/40=3": chip seconds, characters, share.
CardType card_type(const std::string& text) {
  const std::size_t slash = text.find('/'), equals = text.find('=');
  if (slash != text.npos && equals != text.npos && slash < equals) {
    const std::string_view view = text;
    const auto chip = parse_seconds(view.substr(0, slash));
    const auto characters =
        number_in(view.substr(slash + 1, equals - slash - 1), 0, kMostCharacters);
    const auto share = number_in(view.substr(equals + 1), 1, kMostShare);
    if (chip && characters && share) return {*chip, *characters, *share};
  }
  throw Failure(ExitCode::usage,
                fmt::format("--type: '{}' is not SECONDS/CHARACTERS=SHARE, such as 7/40=3", text));
}

/// "smart=0.01": module and rate.
std::pair<std::string, double> failure(const std::string& text) {
  const std::size_t equals = text.find('=');
  double rate = -1;
  if (equals != text.npos) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, rate);
    if (error != std::errc() || stop != end) rate = -1;
  }
  if (rate >= 0 && rate <= 1) return {text.substr(0, equals), rate};
  throw Failure(ExitCode::usage,
                fmt::format("--fail: '{}' is not MODULE=RATE with a rate of 0 to 1", text));
}

Batch batch_of(const WhatIfOptions& options) {
  Batch batch;
  batch.cards = options.cards;
  batch.host = seconds_option("--host-seconds", options.host);
  batch.seed = options.seed;
  batch.types = {{seconds_option("--chip-seconds", options.chip), options.characters, 1}};
  if (!options.types.empty()) batch.types.clear();
  for (const std::string& type : options.types) batch.types.push_back(card_type(type));
  for (const std::string& text : options.failures)
    if (!batch.failures.insert(failure(text)).second)
      throw Failure(ExitCode::usage, fmt::format("--fail: '{}' names a module twice", text));
  return batch;
}

ExitCode what_if(const WhatIfOptions& options, bool json) {
  MachineModel machine = read_machine_model(find_machine_model(options.model));
  if (options.stations > machine.most_stations())
    throw Failure(ExitCode::usage,
                  fmt::format("--stations: at most {} in a smart module of this machine",
                              machine.most_stations()));
  if (options.stations != 0) machine = machine.with_stations(options.stations);
  const Batch batch = batch_of(options);
  report_what_if(machine, batch, ask_what_if(machine, batch), json);
  return ExitCode::done;
}

void add_show(CLI::App& parent, Invocation& invocation) {
  auto model = std::make_shared<std::string>();
  CLI::App* command = parent.add_subcommand("show", "The line of modules, and what each does");
  command->add_option("MODEL", *model, "Model file, or the name of one that came with kpd")
      ->required();
  command->footer("Example:  kpd machine show conveyor-500");
  command->callback([model, &invocation] {
    invocation.action = [model] {
      show_machine(read_machine_model(find_machine_model(*model)));
      return ExitCode::done;
    };
  });
}

void add_what_if(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<WhatIfOptions>();
  CLI::App* command = parent.add_subcommand(
      "what-if", "Simulate a batch: cards an hour, the bottleneck, what more stations bring");
  command->add_option("MODEL", options->model, "Model file, or the name of one that came with kpd")
      ->required();
  command->add_option("--cards", options->cards, "Cards of the batch")
      ->check(CLI::Range(std::uint64_t{1}, kMostCards))
      ->capture_default_str();
  CLI::Option* chip =
      command->add_option("--chip-seconds", options->chip, "That a chip takes; 0: no chip")
          ->capture_default_str();
  CLI::Option* characters =
      command->add_option("--characters", options->characters, "To emboss; 0: flat cards")
          ->check(CLI::Range(std::uint64_t{0}, kMostCharacters))
          ->capture_default_str();
  command
      ->add_option("--type", options->types,
                   "Cards of several types, each SECONDS/CHARACTERS=SHARE (may be repeated)")
      ->take_all()
      ->allow_extra_args(false)
      ->excludes(chip)
      ->excludes(characters);
  command
      ->add_option("--host-seconds", options->host,
                   "That host and HSM take for a chip; one chip at a time")
      ->capture_default_str();
  command
      ->add_option("--stations", options->stations,
                   "Stations in each smart module (default: the model's)")
      ->check(CLI::Range(1U, kMostStations));
  command
      ->add_option("--fail", options->failures,
                   "MODULE=RATE, 0 to 1: cards that fail there (may be repeated)")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--seed", options->seed, "Chooses which cards fail")->capture_default_str();
  add_json_option(*command, invocation);
  command->footer(
      "Example:  kpd machine what-if conveyor-500 --chip-seconds 15 --fail smart=0.01\n"
      "          kpd machine what-if conveyor-1000 --type 7/40=3 --type 15/0=1");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return what_if(*options, invocation.json); };
  });
}

}  // namespace

void add_machine(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("machine", "Models of personalisation machines: what if, before one buys");
  command->require_subcommand(1);
  command->footer("Example:  kpd machine show desktop-300 && kpd machine what-if desktop-300");
  add_show(*command, invocation);
  add_what_if(*command, invocation);
}

}  // namespace kpd
