#include "kpd/commands/script_trace.h"

#include <fmt/format.h>

#include <iostream>

#include "emvcrypto/hash.h"
#include "kpd/commands/readers.h"
#include "kpd/commands/script_arguments.h"
#include "kpd/files/atomic_file.h"
#include "kpd/keys/personaliser_keys.h"
#include "kpd/script/script_driver.h"
#include "kpd/station/card_file_check.h"
#include "kpd/station/card_queue.h"
#include "kpd/station/script_text.h"
#include "kpd/trace/trace_recorder.h"
#include "kpd/trace/trace_view.h"

namespace kpd {
namespace {

constexpr std::chrono::seconds kApduDeadline{60};

/// What recording and replaying share.
struct SessionArguments {
  std::string script, file, trace, area = "area.yaml";
  ScriptArguments more;

  void add_to(CLI::App& command) {
    command.add_option("SCRIPT", script, "Path, or name of a script that comes with kpd")
        ->required();
    command.add_option("FILE", file, "Card file")->required();
    command.add_option("--area", area, "Work area with the personaliser's token")
        ->capture_default_str();
    more.add_parameters_to(command);
  }
};

struct RecordArguments : SessionArguments {
  ReaderArguments readers;
  std::uint64_t record = 1;
  unsigned wait = 60;
  bool one_dgi = false, production = false, strip = false;
};

struct ShowArguments {
  std::string trace;
};

/// A script before a record of a file, with the personaliser's keys.
class Session {
 public:
  Session(const SessionArguments& arguments, std::uint64_t record, bool one_dgi,
          const Invocation& invocation)
      : area_(Area::read(arguments.area)),
        pins_(make_pin_source(invocation)),
        queue_(arguments.file, {.first = record - 1, .count = 1}),
        windows_(area_.windows()),
        keys_(area_.open(kPersonaliser, *pins_), queue_.header(), windows_, area_.key_roles()),
        parameters_(arguments.more.parameters()),
        script_(find_script(arguments.script)),
        machine_(script_) {
    options_.layout = queue_.header().layout;
    options_.profile.one_dgi_per_command = one_dgi;
    job_ = queue_.next();
    if (!job_)
      throw Failure(ExitCode::usage,
                    fmt::format("{}: there is no record {}", arguments.file, record));
  }

  cps::LoadResult run(cps::Card& card, cps::KeyService& keys) {
    cps::NullLoadObserver observer;
    ProgressLine progress("script");
    const ScriptCard context{
        job_->record,
        job_->modules,
        job_->record_id,
        job_->product,
        card.atr(),
        parameters_,
        [this](const std::string& text) { say("log: " + masked_script_text(job_->record, text)); },
        [&progress](std::uint64_t done, std::uint64_t of) { progress.show(done, of); }};
    cps::LoadResult result =
        cps::drive(run_script(machine_, context, options_, keys, observer), card, kApduDeadline);
    result.command = masked_script_text(job_->record, result.command);
    result.detail = masked_script_text(job_->record, result.detail);
    return result;
  }

  const cps::FileHeader& header() const { return queue_.header(); }
  const CardJob& job() const { return *job_; }
  const Script& script() const { return script_; }
  PersonaliserKeys& keys() { return keys_; }
  const HostWindows& windows() const { return windows_; }

 private:
  Area area_;
  std::unique_ptr<hsm::PinSource> pins_;
  CardQueue queue_;
  HostWindows windows_;
  PersonaliserKeys keys_;
  std::map<std::string, std::string> parameters_;
  Script script_;
  ScriptMachine machine_;
  cps::LoadOptions options_;
  std::optional<CardJob> job_;
};

Bytes digest_of(const Script& script) {
  return emvcrypto::sha256({emvcrypto::as_bytes(script.text)});
}

/// The one reader that is meant, with a card in it.
std::unique_ptr<cps::Slot> open_reader(const RecordArguments& arguments) {
  const auto readers = arguments.readers.chosen();
  if (readers.size() != 1)
    throw Failure(ExitCode::usage,
                  fmt::format("{} readers fit: name one by --reader", readers.size()));
  auto slot = readers.front().open();
  if (!slot->wait_for_card(std::chrono::seconds(arguments.wait)))
    throw Failure(ExitCode::hold, "no card in reader " + slot->name() + ": put one in");
  return slot;
}

void write(const Trace& trace, const std::string& file) {
  AtomicFile out(file);
  write_trace(trace, out.stream());
  out.commit();
}

ExitCode record(const RecordArguments& arguments, const Invocation& invocation) {
  Session session(arguments, arguments.record, arguments.one_dgi, invocation);
  if (!session.header().test && !arguments.production && !arguments.strip)
    throw Failure(ExitCode::usage,
                  "a trace holds cardholder data in clear, as this file's commands do: record "
                  "cards of test jobs, or --strip the trace of all data, or say --production");
  check_card_file(arguments.file, session.keys(), true);
  const auto slot = open_reader(arguments);
  Trace trace;
  trace.head = {session.script().name,
                digest_of(session.script()),
                arguments.record,
                session.job().record_id,
                session.job().product,
                session.header().test,
                arguments.one_dgi,
                false,
                slot->atr()};
  TraceRecorder recorder(trace);
  RecordedCard card(*slot, recorder);
  RecordedKeys keys(session.keys(), recorder);
  const auto keep = [&] {
    if (arguments.strip) strip(trace);
    write(trace, arguments.trace);
  };
  cps::LoadResult result;
  try {
    result = session.run(card, keys);
  } catch (...) {
    keep();
    throw;
  }
  trace.end = end_of(result);
  keep();
  for (const std::string& window : session.windows().report()) say("host window, " + window);
  say(fmt::format("record {}: {}, {} APDUs", session.job().record_id, cps::describe(result),
                  result.apdus));
  if (!arguments.strip)
    say(arguments.trace + ": holds the card's data as they were sent; keep it like the card file");
  return result.outcome == cps::LoadOutcome::done ? ExitCode::done : ExitCode::hold;
}

ExitCode replay(const SessionArguments& arguments, const Invocation& invocation) {
  const Trace trace = read_trace(arguments.trace);
  if (trace.head.stripped)
    throw Failure(ExitCode::usage,
                  arguments.trace + ": the trace was stripped of its data: nothing to replay");
  Session session(arguments, trace.head.record, trace.head.one_dgi, invocation);
  if (session.job().record_id != trace.head.record_id)
    throw Failure(ExitCode::usage, fmt::format("{}: record {} is '{}' here, and was '{}' in the "
                                               "trace: it is another file",
                                               arguments.file, trace.head.record,
                                               session.job().record_id, trace.head.record_id));
  TraceReplay recording(trace);
  ReplayedCard card(recording, trace.head.atr);
  ReplayedKeys keys(session.keys(), recording);
  const cps::LoadResult result = session.run(card, keys);
  recording.finish();
  const TraceView view(trace);
  if (recording.difference()) {
    std::cout << view.text(*recording.difference());
    return ExitCode::hold;
  }
  const TraceEnd end = end_of(result);
  if (trace.end && (end.outcome != trace.end->outcome || end.status != trace.end->status)) {
    std::cout << fmt::format("every command is the same, but it ended as {} and ends as {}\n",
                             trace.end->outcome, cps::describe(result));
    return ExitCode::hold;
  }
  say(fmt::format("{} steps, all the same{}", trace.steps.size(),
                  digest_of(session.script()) == trace.head.script_digest
                      ? ""
                      : "; the script's text is another one"));
  return ExitCode::done;
}

ExitCode show(const ShowArguments& arguments, const Invocation& invocation) {
  const Trace trace = read_trace(arguments.trace);
  const TraceView view(trace);
  if (invocation.json)
    std::cout << view.json().dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
              << "\n";
  else
    std::cout << view.text();
  return ExitCode::done;
}

void add_record(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<RecordArguments>();
  CLI::App* command = parent.add_subcommand("record", "Run a script on a card and keep all of it");
  arguments->add_to(*command);
  command->add_option("-o,--output", arguments->trace, "The trace to write")->required();
  command->add_option("--record", arguments->record, "Which record, counted from 1")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--reader", arguments->readers.names, "The reader, or a part of its name");
  command->add_option("--wait", arguments->wait, "Seconds to wait for the card")
      ->capture_default_str();
  command->add_flag("--one-dgi", arguments->one_dgi, "This card takes one DGI a command");
  command->add_flag("--strip", arguments->strip, "Keep headers, lengths and times alone");
  command->add_flag("--production", arguments->production,
                    "The file is not of a test job, and the trace may hold its cardholder's data");
  add_pin_option(*command, invocation);
  command->footer(
      "Example:  kpd script trace record cps demo/out/batch.cps --area demo/area.yaml --record 1 "
      "-o session.jsonl\nEnds with 65 when the card failed.");
  command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] { return record(*arguments, invocation); };
  });
}

void add_replay(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<SessionArguments>();
  CLI::App* command =
      parent.add_subcommand("replay", "Run a script with a trace in the card's place");
  arguments->add_to(*command);
  command->add_option("TRACE", arguments->trace, "What `kpd script trace record` wrote")
      ->required();
  add_pin_option(*command, invocation);
  command->footer(
      "Example:  kpd script trace replay cps demo/out/batch.cps session.jsonl --area "
      "demo/area.yaml\nEnds with 65 when a command is another one.");
  command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] { return replay(*arguments, invocation); };
  });
}

void add_show(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<ShowArguments>();
  CLI::App* command = parent.add_subcommand("show", "A trace in words, PANs masked");
  command->add_option("TRACE", arguments->trace, "What `kpd script trace record` wrote")
      ->required();
  add_json_option(*command, invocation);
  command->footer("Example:  kpd script trace show session.jsonl");
  command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] { return show(*arguments, invocation); };
  });
}

}  // namespace

void add_script_trace(CLI::App& parent, Invocation& invocation) {
  CLI::App* command = parent.add_subcommand("trace", "Sessions of scripts, recorded and replayed");
  command->require_subcommand(1);
  command->footer("Example:  kpd script trace show session.jsonl");
  add_record(*command, invocation);
  add_replay(*command, invocation);
  add_show(*command, invocation);
}

}  // namespace kpd
