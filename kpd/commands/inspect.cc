// kpd inspect: any of our files as a readable tree.
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "kpd/commands/command.h"
#include "kpd/inspect/decode_tlv.h"
#include "kpd/inspect/file_kind.h"
#include "kpd/inspect/inspect_card_file.h"
#include "kpd/inspect/inspect_reject_file.h"
#include "kpd/inspect/inspect_stage_file.h"

namespace kpd {
namespace {

struct InspectOptions {
  std::string file, tlv, job;
  inspect::Wish wish;
};

/// Colours and wrapping for a terminal; plain, unbroken lines for a pipe.
inspect::TextStyle text_style() {
  inspect::TextStyle style;
  if (isatty(STDOUT_FILENO) != 1) return style;
  const char* terminal = std::getenv("TERM");
  style.colours = std::getenv("NO_COLOR") == nullptr && terminal != nullptr &&
                  std::string_view(terminal) != "dumb";
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) style.width = size.ws_col;
  return style;
}

std::unique_ptr<inspect::TreeWriter> make_writer(bool json) {
  return json ? inspect::make_json_writer(std::cout)
              : inspect::make_text_writer(std::cout, text_style());
}

void inspect_stage(std::istream& in, const InspectOptions& options, const Invocation& invocation) {
  const auto writer = make_writer(invocation.json);
  if (options.job.empty()) return inspect::inspect_stage_head(in, options.wish, *writer);
  const OpenJob job = open_job(options.job, invocation);
  inspect::inspect_stage_file(in, job.plan, *job.token, options.wish, *writer);
}

void inspect_rejects(std::istream& in, const InspectOptions& options, bool json) {
  inspect::refuse_open_pans(options.wish, false);
  if (json)
    inspect::inspect_reject_tree(in, options.wish, *make_writer(true));
  else
    inspect::inspect_reject_table(in, options.wish, std::cout, text_style());
}

void inspect_file(const InspectOptions& options, const Invocation& invocation) {
  std::ifstream in(options.file, std::ios::binary);
  if (!in) throw Failure(ExitCode::io, options.file + ": cannot be opened");
  switch (inspect::file_kind(in, options.file)) {
    case inspect::FileKind::card_file:
      return inspect::inspect_card_file(in, options.wish, *make_writer(invocation.json));
    case inspect::FileKind::stage_file:
      return inspect_stage(in, options, invocation);
    case inspect::FileKind::reject_file:
      return inspect_rejects(in, options, invocation.json);
    case inspect::FileKind::yaml:
      std::cout << inspect::describe_yaml(in, options.file) << '\n';
      return;
    case inspect::FileKind::unknown:
      throw Failure(ExitCode::usage, options.file +
                                         ": neither a card file, a stage file nor a "
                                         "reject file; for EMV data in hexadecimal: "
                                         "kpd inspect --tlv HEX");
  }
}

ExitCode run_inspect(const InspectOptions& options, const Invocation& invocation) {
  // Whoever has seen enough (head, less) ends this without a word.
  std::signal(SIGPIPE, SIG_DFL);
  if (options.tlv.empty() == options.file.empty())
    throw Failure(ExitCode::usage, "either FILE or --tlv HEX is wanted");
  if (!options.tlv.empty()) {
    inspect::refuse_open_pans(options.wish, false);
    inspect::inspect_tlv(options.tlv, *make_writer(invocation.json));
  } else {
    inspect_file(options, invocation);
  }
  if (!std::cout.flush()) throw Failure(ExitCode::io, "the output cannot be written to its end");
  return ExitCode::done;
}

}  // namespace

void add_inspect(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Show a card file, stage file or reject file as a readable tree");
  command->add_option("FILE", options->file, "File to show");
  command->add_option("--tlv", options->tlv,
                      "Show this BER-TLV, in hexadecimal, instead of a file");
  command->add_option("--job", options->job,
                      "Job file: opens the records of a stage file with its storage key");
  auto* record = command->add_option("--record", options->wish.record,
                                     "Only this record: its place from 1, or its record id");
  auto* limit = command->add_option("--limit", options->wish.limit,
                                    "Show so many records (default: 3 cards, all rejects)");
  auto* all = command->add_flag("--all", options->wish.all, "Show all records");
  record->excludes(limit)->excludes(all);
  limit->excludes(all);
  command->add_flag("--show-pan", options->wish.show_pan,
                    "Cardholder data unmasked; for files of test jobs alone");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Secrets are shown as their length and key, PANs and names masked. A card file is "
      "read to its end: exit code 65 says that it is cut or altered.\n"
      "Example:  kpd inspect demo/out/batch.cps --record 00000002");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_inspect(*options, invocation); };
  });
}

}  // namespace kpd
