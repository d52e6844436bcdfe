// kpd verify: read finished cards as a terminal would.
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "kpd/commands/command.h"
#include "kpd/commands/readers.h"
#include "kpd/plan/compile.h"
#include "kpd/station/verify_cards.h"

namespace kpd {
namespace {

constexpr std::chrono::seconds kGlance{1};

struct VerifyArguments {
  std::string file, job;
  ReaderArguments readers;
  std::uint64_t cards = 0;
  unsigned wait = 60;
  bool no_pin = false, details = false;
};

/// How often each proof was given.
struct Proofs {
  std::uint64_t cards = 0, right = 0, wrong = 0, unknown = 0;
  std::map<std::string, std::uint64_t> passed;

  void add(const VerifiedCard& card) {
    ++cards;
    if (!card.identified) {
      ++unknown;
      return;
    }
    (card.report.verdict() == tester::Verdict::pass ? right : wrong) += 1;
    for (const tester::ApplicationReport& app : card.report.applications) {
      count("SDA", app.sda);
      count("DDA", app.dda);
      count("CDA", app.cda);
      count("plaintext PIN", app.plaintext_pin);
      count("enciphered PIN", app.enciphered_pin);
      count("ARQC", app.arqc);
      count("ARPC", app.arpc);
      count("TC", app.tc);
      count("prepared data", app.comparison);
    }
  }

 private:
  void count(const std::string& name, tester::Outcome outcome) {
    if (outcome == tester::Outcome::passed) ++passed[name];
  }
};

nlohmann::json to_json(const VerifiedCard& card) {
  nlohmann::json json = tester::to_json(card.report);
  json["reader"] = card.reader;
  json["identified"] = card.identified;
  return json;
}

void say_card(const VerifiedCard& card) {
  if (!card.identified) return say(fmt::format("{}: a card that is not in the file", card.reader));
  for (const tester::Finding& finding : card.report.findings)
    if (finding.severity == tester::Severity::error)
      say(fmt::format("{}: {} {}: {} ({})", card.reader,
                      card.report.applications.empty()
                          ? std::string("card")
                          : card.report.applications.front().masked_pan,
                      finding.id, finding.reason, finding.where));
}

/// Tests the cards of one reader: the one that is in, or those that a conveyor presents until one
/// comes again.
class ReaderVisit {
 public:
  ReaderVisit(const VerifyContext& context, const VerifyArguments& arguments,
              const SlotPlace& place)
      : context_(context), arguments_(arguments), slot_(place.open()) {}

  /// False when no card came within `patience`.
  bool run(std::chrono::seconds patience, const std::function<void(const VerifiedCard&)>& report,
           std::uint64_t& left) {
    if (!slot_->wait_for_card(patience)) return false;
    std::set<std::string> seen;
    for (int blanks = 0; left > 0 && blanks < kMostBlanks;) {
      const CardIdentity identity = identify_card(context_.plan, *slot_);
      if (identity.known() && !seen.insert(identity.key()).second) return true;
      blanks = identity.known() ? 0 : blanks + 1;
      if (identity.known() || !arguments_.readers.conveyor) {
        VerifiedCard verified = verify_card(context_, *slot_, identity);
        verified.reader = slot_->name();
        report(verified);
        --left;
      }
      if (!arguments_.readers.conveyor || !slot_->reset(cps::Reset::cold)) return true;
    }
    return true;
  }

 private:
  static constexpr int kMostBlanks = 64;  ///< chips without a card's data, in a row

  const VerifyContext& context_;
  const VerifyArguments& arguments_;
  std::unique_ptr<cps::Slot> slot_;
};

void print_result(const Proofs& proofs, const nlohmann::json& cards,
                  const VerifyArguments& arguments, bool json) {
  if (json) {
    nlohmann::ordered_json out{{"cards", proofs.cards},
                               {"right", proofs.right},
                               {"wrong", proofs.wrong},
                               {"unknown", proofs.unknown},
                               {"passed", proofs.passed}};
    if (arguments.details) out["reports"] = cards;
    std::cout << out.dump(2) << "\n";
    return;
  }
  say(fmt::format("{} cards: {} right, {} wrong, {} not of this file", proofs.cards, proofs.right,
                  proofs.wrong, proofs.unknown));
  for (const auto& [name, count] : proofs.passed) say(fmt::format("  {:<16}{}", name, count));
}

ExitCode verify(const VerifyArguments& arguments, const Invocation& invocation) {
  OpenJob job = open_job(arguments.job, invocation);
  PreparedCards prepared(arguments.file, identity_plan(job.plan));
  if (prepared.header().plan_digest != job.plan.digest)
    say("note: the card file was made by another version of this job");
  HostWindows windows(job.area.windows());
  std::unique_ptr<PersonaliserKeys> pins;
  // A cardholder's PIN is opened only where job, area and file all say that they are tests.
  if (!arguments.no_pin && job.plan.test && job.area.test() && prepared.header().test)
    pins = std::make_unique<PersonaliserKeys>(job.area.open(kPersonaliser, *job.pins),
                                              prepared.header(), windows, job.area.key_roles());
  const VerifyContext context{job.plan, prepared, job.area.open(kIssuerHost, *job.pins),
                              pins.get()};

  Proofs proofs;
  nlohmann::json cards = nlohmann::json::array();
  std::uint64_t left = arguments.cards > 0 ? arguments.cards : ~std::uint64_t{0};
  {
    ProgressLine progress("verifying");
    const auto readers = arguments.readers.chosen();
    // Where nobody named a reader, empty ones are passed by.
    const bool wanted = !arguments.readers.names.empty() || readers.size() == 1;
    std::string empty;
    for (const SlotPlace& reader : readers) {
      const bool visited =
          ReaderVisit(context, arguments, reader)
              .run(
                  wanted ? std::chrono::seconds(arguments.wait) : kGlance,
                  [&](const VerifiedCard& card) {
                    proofs.add(card);
                    if (arguments.details && invocation.json) cards.push_back(to_json(card));
                    say_card(card);
                    progress.show(Books{proofs.cards, proofs.right, proofs.wrong + proofs.unknown});
                  },
                  left);
      if (!visited) empty += (empty.empty() ? "" : ", ") + reader.name;
    }
    if (!empty.empty() && (wanted || proofs.cards == 0))
      throw Failure(ExitCode::hold, "no card in reader " + empty + ": put one in");
  }
  print_result(proofs, cards, arguments, invocation.json);
  for (const std::string& window : windows.report())
    if (!invocation.json) say("host window, " + window);
  return proofs.wrong + proofs.unknown > 0 || proofs.cards == 0 ? ExitCode::hold : ExitCode::done;
}

}  // namespace

void add_verify(CLI::App& app, Invocation& invocation) {
  auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* command =
      app.add_subcommand("verify", "Read finished cards as a terminal would and judge them");
  command->add_option("FILE", arguments->file, "Card file that the cards were made from")
      ->required();
  command->add_option("--job", arguments->job, "Job that made the file")->required();
  arguments->readers.add_to(*command);
  command->add_option("--cards", arguments->cards, "Stop after so many cards");
  command->add_option("--wait", arguments->wait, "Seconds to wait for a card")
      ->capture_default_str();
  command->add_flag("--no-pin", arguments->no_pin, "Do not try the PIN (test jobs try it)");
  command->add_flag("--details", arguments->details, "With --json: the whole report of each card");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Example:  kpd verify demo/out/batch.cps --job demo/job.yaml\n"
      "Ends with 65 when a card is wrong or not of this file.");
  command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] { return verify(*arguments, invocation); };
  });
}

}  // namespace kpd
