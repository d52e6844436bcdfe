// kpd books: what became of the cards of a file at the stations.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/commands/command.h"
#include "kpd/station/card_file_check.h"

namespace kpd {
namespace {

struct BooksArguments {
  std::string file, area = "area.yaml", state, record, end, reason;
  std::size_t most = 1000;
};

nlohmann::ordered_json to_json(const CardEntry& entry) {
  return {{"index", entry.card + 1}, {"record", entry.record},  {"state", name_of(entry.state)},
          {"chips", entry.chips},    {"chip", entry.chip},      {"station", entry.station},
          {"reason", entry.reason},  {"changed", entry.changed}};
}

ExitCode show(const BooksArguments& arguments, const Invocation& invocation) {
  const Area area = Area::read(arguments.area);
  const CountedFile counted = count_card_file(arguments.file);
  std::optional<CardState> state;
  if (!arguments.state.empty()) state = card_state_named(arguments.state);
  const BooksView view = read_books(area.books(), counted.file, state, arguments.most);
  const BookCounts& counts = view.counts;
  const std::uint64_t touched = counts.begun + counts.done + counts.failed + counts.doubt;
  if (invocation.json) {
    nlohmann::ordered_json out{{"cards", counted.cards},  {"done", counts.done},
                               {"failed", counts.failed}, {"doubt", counts.doubt},
                               {"begun", counts.begun},   {"untouched", counted.cards - touched}};
    out["entries"] = nlohmann::json::array();
    for (const CardEntry& entry : view.entries) out["entries"].push_back(to_json(entry));
    std::cout << out.dump(2) << "\n";
    return ExitCode::done;
  }
  say(fmt::format("{} cards: {} done, {} failed, {} in doubt, {} at work, {} untouched",
                  counted.cards, counts.done, counts.failed, counts.doubt, counts.begun,
                  counted.cards - touched));
  for (const CardEntry& entry : view.entries)
    if (state || entry.state != CardState::done)
      say(fmt::format("  {:<10} record {} (card {}), {}, chip {}: {}", name_of(entry.state),
                      entry.record, entry.card + 1, entry.station,
                      entry.chip.empty() ? "unknown" : entry.chip, entry.reason));
  return ExitCode::done;
}

/// The entry of a record that somebody has decided about.
CardEntry entry_of(CardBooks& books, const std::string& record) {
  for (CardEntry& entry : books.entries(CardState::doubt, ~std::uint32_t{0}))
    if (entry.record == record) return std::move(entry);
  throw Failure(ExitCode::usage, "no card in doubt has the record id '" + record +
                                     "': see  kpd books show FILE --state doubt");
}

ExitCode settle(const BooksArguments& arguments) {
  const Area area = Area::read(arguments.area);
  CardBooks books(area.books(), count_card_file(arguments.file).file);
  CardEntry entry = entry_of(books, arguments.record);
  entry.state = arguments.end == "done" ? CardState::done : CardState::failed;
  entry.reason = "settled by hand: " + arguments.reason;
  books.write(entry);
  say(fmt::format("record {}: {}", entry.record, name_of(entry.state)));
  return ExitCode::done;
}

void add_file_and_area(CLI::App& command, BooksArguments& arguments) {
  command.add_option("FILE", arguments.file, "Card file")->required();
  command.add_option("--area", arguments.area, "Work area whose stations work on it")
      ->capture_default_str();
}

}  // namespace

void add_books(CLI::App& app, Invocation& invocation) {
  auto arguments = std::make_shared<BooksArguments>();
  CLI::App* books =
      app.add_subcommand("books", "What became of the cards of a file at the stations");
  books->require_subcommand(1);
  books->footer("Example:  kpd books show demo/out/batch.cps --area demo/area.yaml");

  CLI::App* show_command = books->add_subcommand("show", "Counts, and every card that is not done");
  add_file_and_area(*show_command, *arguments);
  show_command->add_option("--state", arguments->state, "Cards in this state alone")
      ->check(CLI::IsMember({"begun", "done", "failed", "doubt"}));
  show_command->add_option("--most", arguments->most, "At most so many cards")
      ->capture_default_str();
  add_json_option(*show_command, invocation);
  show_command->footer(
      "Example:  kpd books show demo/out/batch.cps --area demo/area.yaml --state doubt");
  show_command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] { return show(*arguments, invocation); };
  });

  CLI::App* settle_command =
      books->add_subcommand("settle", "Say how a card in doubt has ended, after looking at it");
  add_file_and_area(*settle_command, *arguments);
  settle_command->add_option("RECORD", arguments->record, "Its record id")->required();
  settle_command->add_option("END", arguments->end, "done: it is whole; failed: it was destroyed")
      ->required()
      ->check(CLI::IsMember({"done", "failed"}));
  settle_command->add_option("--reason", arguments->reason, "How you know, for the books")
      ->required();
  settle_command->footer(
      "Example:  kpd books settle demo/out/batch.cps 000017 failed --area demo/area.yaml "
      "--reason \"shredded, form 12\"");
  settle_command->callback(
      [arguments, &invocation] { invocation.action = [arguments] { return settle(*arguments); }; });
}

}  // namespace kpd
