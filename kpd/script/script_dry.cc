#include "kpd/script/script_dry.h"

#include <fmt/format.h>

#include "cps/store_block.h"
#include "kpd/script/script_driver.h"

namespace kpd {
namespace {

/// Answers requests and writes down what they would send.
class DryRun {
 public:
  DryRun(const ScriptCard& card, const DryOptions& options, std::ostream& out)
      : card_(card), options_(options), out_(out) {}

  /// Nothing when the card would end here.
  std::optional<ScriptAnswer> answer(const ScriptRequest& request) {
    std::visit([this](const auto& one) { show(one); }, request);
    if (!fault_.empty()) return std::nullopt;
    if (std::holds_alternative<ResetRequest>(request)) return ScriptAnswer{card_.atr};
    if (const auto* cipher = std::get_if<CipherRequest>(&request))
      return ScriptAnswer{
          Bytes(cipher->work == CipherRequest::Work::mac ? options_.block : cipher->data.size())};
    return ScriptAnswer{};
  }

  std::size_t commands() const { return commands_; }
  const std::string& fault() const { return fault_; }

 private:
  void line(const std::string& header, const std::string& data, const std::string& name) {
    ++commands_;
    out_ << fmt::format("{:>4}  {}  {}{}{}\n", commands_, header, data, data.empty() ? "" : "  ",
                        name);
  }

  std::string clear(ByteView value) const {
    return options_.show_values ? emvcrypto::to_hex(value)
                                : fmt::format("<{} bytes>", value.size());
  }

  std::string secret(const cps::Dgi& dgi) const {
    const std::size_t size =
        (dgi.value.size() + options_.block - 1) / options_.block * options_.block;
    return fmt::format("<secret DGI {}, {} bytes>", cps::dgi_name(dgi.id), size);
  }

  void show(const SendRequest& request) {
    std::string data;
    for (const ScriptData& part : request.parts) {
      if (!data.empty()) data += ' ';
      if (const auto* hidden = std::get_if<ScriptSecret>(&part))
        data += secret(card_.record.applications.at(hidden->application).dgis.at(hidden->dgi));
      else
        data += clear(std::get<Bytes>(part));
    }
    line(emvcrypto::to_hex(request.command.header()), data, request.name);
  }

  void show(const TransmitRequest& request) { line(clear(request.command), "", "as it stands"); }

  void show(const SelectRequest& request) {
    line("00A40400", emvcrypto::to_hex(request.aid), "SELECT");
  }

  void show(const OpenRequest& request) {
    line(fmt::format("8050{:02X}00", request.key_version), "<challenge, 8 bytes>",
         "INITIALIZE UPDATE, keys of the role '" + request.role + "'");
    line(fmt::format("8482{:02X}00", request.level), "<cryptogram and MAC, 16 bytes>",
         "EXTERNAL AUTHENTICATE");
  }

  void show(const PutKeyRequest& request) {
    line(
        fmt::format("80D8{:02X}{:02X}", request.version, 0x80 | request.id),
        fmt::format("{:02X} <three keys of the role '{}'>", request.new_version, request.keys.role),
        "PUT KEY");
  }

  void show(const CipherRequest&) {}  // the card does not see it

  void show(const ResetRequest& request) {
    out_ << (request.how == cps::Reset::cold ? "      cold reset\n" : "      warm reset\n");
  }

  void show(const StoreRequest& request) {
    const auto plan = plan_request(request, card_.record, options_.profile, options_.block);
    if (!plan) {
      fault_ = plan.error().reason;
      return;
    }
    cps::StoreBlock block;
    for (const cps::StoreDataCommand& command : plan->commands) {
      line(emvcrypto::to_hex(block.header(command.p1)), content(*plan, command), "STORE DATA");
      block.next();
    }
  }

  /// The DGIs of a command, or the part of a long one.
  std::string content(const StorePlan& plan, const cps::StoreDataCommand& command) const {
    std::string text;
    Bytes encoded;
    for (const std::size_t i : command.dgis) {
      const cps::Dgi& dgi = plan.application.dgis[i];
      cps::append_dgi(encoded, dgi);
      if (command.enciphered) text += (text.empty() ? "" : " ") + secret(dgi);
    }
    if (!command.enciphered)
      return clear(ByteView(encoded).subspan(command.offset, command.length));
    return command.offset == 0 ? text : text + ", continued";
  }

  const ScriptCard& card_;
  const DryOptions& options_;
  std::ostream& out_;
  std::size_t commands_ = 0;
  std::string fault_;
};

}  // namespace

DryResult run_dry(ScriptMachine& machine, const ScriptCard& card, const DryOptions& options,
                  std::ostream& out) {
  DryRun run(card, options, out);
  machine.begin(card);
  ScriptAnswer answer;
  while (const auto request = machine.resume(std::move(answer))) {
    auto got = run.answer(*request);
    if (!got) return {{false, false, false, run.fault()}, run.commands()};
    answer = *std::move(got);
  }
  return {machine.end(), run.commands()};
}

}  // namespace kpd
