#include "kpd/trace/trace_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/inspect/mask.h"
#include "kpd/trace/command_dictionary.h"

namespace kpd {
namespace {

constexpr std::size_t kHeaderSize = 4, kMacSize = 8;
constexpr std::uint8_t kSecureMessaging = 0x04;

/// The parts of a command's bytes.
struct Parts {
  ByteView header, data, mac, le;
};

Parts parts_of(ByteView command) {
  Parts parts;
  parts.header = command.first(std::min(kHeaderSize, command.size()));
  ByteView rest = command.subspan(parts.header.size());
  if (rest.size() > 1 && rest.size() >= std::size_t{1} + rest[0]) {
    parts.data = rest.subspan(1, rest[0]);
    rest = rest.subspan(1 + std::size_t{rest[0]});
  }
  parts.le = rest;
  if (!parts.header.empty() && (parts.header[0] & kSecureMessaging) != 0 &&
      parts.data.size() >= kMacSize) {
    parts.mac = parts.data.last(kMacSize);
    parts.data = parts.data.first(parts.data.size() - kMacSize);
  }
  return parts;
}

/// The data of a session behind each other, hexadecimal and masked as one text: a number that two
/// commands share is found too.
class MaskedStream {
 public:
  void add(ByteView data) { emvcrypto::append(bytes_, data); }

  void mask() {
    inspect::Mask mask;
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      const auto object = object_at(i);
      if (!object.empty()) mask.learn(object);
    }
    text_ = mask.hex(bytes_, true);
    for (std::size_t i = 0; i < bytes_.size(); ++i)
      if (bytes_[i] == kTrack2) hide_track(object_at(i), i);
  }

  /// The text of the next so many bytes.
  std::string next(std::size_t size) {
    const std::string part = text_.substr(2 * at_, 2 * size);
    at_ += size;
    return part;
  }

 private:
  static constexpr std::uint8_t kTrack2 = 0x57;
  static constexpr std::size_t kLongest = 45;

  /// What may be a data object of a cardholder's at this place; empty when it is none.
  ByteView object_at(std::size_t i) const {
    const bool one = bytes_[i] == 0x5A || bytes_[i] == kTrack2;
    const bool two = i + 1 < bytes_.size() && ((bytes_[i] == 0x5F && bytes_[i + 1] == 0x20) ||
                                               (bytes_[i] == 0x9F && bytes_[i + 1] == 0x0B));
    const std::size_t head = one ? 2 : 3;
    if ((!one && !two) || i + head > bytes_.size()) return {};
    const std::size_t size = bytes_[i + head - 1];
    if (size == 0 || size > kLongest || i + head + size > bytes_.size()) return {};
    return ByteView(bytes_).subspan(i, head + size);
  }

  /// Stars behind a track's PAN.
  void hide_track(ByteView object, std::size_t at) {
    if (object.empty()) return;
    const std::string value = emvcrypto::to_hex(object.subspan(2));
    const std::size_t separator = value.find('D');
    if (separator == value.npos || separator < 12 || separator > 19) return;
    for (std::size_t i = separator + 1; i < value.size(); ++i) text_[2 * (at + 2) + i] = '*';
  }

  Bytes bytes_;
  std::string text_;
  std::size_t at_ = 0;
};

std::string of_bytes(std::size_t count) {
  return count == 0 ? "" : fmt::format("<{} bytes>", count);
}

std::string reset_name(cps::Reset how) {
  return how == cps::Reset::cold ? "cold reset" : "warm reset";
}

/// A request that stands in no recording, masked by itself.
std::string alone(const cps::CardRequest& request) {
  const Bytes* command = std::get_if<Bytes>(&request);
  if (command == nullptr) return reset_name(std::get<cps::Reset>(request));
  const Parts parts = parts_of(*command);
  MaskedStream data;
  data.add(parts.data);
  data.mask();
  return fmt::format("{}  {}  {}{}", command_name(*command), emvcrypto::to_hex(parts.header),
                     data.next(parts.data.size()),
                     parts.mac.empty() ? "" : "  MAC " + emvcrypto::to_hex(parts.mac));
}

/// In words where two requests part.
std::string first_difference(const cps::CardRequest& recorded, const cps::CardRequest& replayed) {
  const Bytes* one = std::get_if<Bytes>(&recorded);
  const Bytes* other = std::get_if<Bytes>(&replayed);
  if (one == nullptr || other == nullptr) return "";
  const auto part = std::ranges::mismatch(*one, *other);
  const auto at = static_cast<std::size_t>(part.in1 - one->begin());
  constexpr std::array kNames = {"CLA", "INS", "P1", "P2", "Lc"};
  if (at < kNames.size()) return fmt::format("they part at {}", kNames[at]);
  return fmt::format("they part at byte {} of the data", at - kNames.size() + 1);
}

}  // namespace

TraceView::TraceView(const Trace& trace) : trace_(trace) {
  MaskedStream sent, came;
  for (const TraceStep& step : trace.steps) {
    if (const Bytes* command = std::get_if<Bytes>(&step.request)) sent.add(parts_of(*command).data);
    came.add(step.response.data());
  }
  sent.mask();
  came.mask();
  for (const TraceStep& step : trace.steps) {
    Line line;
    if (step.is_challenge()) {
      line = {"challenge", "", emvcrypto::to_hex(step.challenge), "", ""};
    } else if (const Bytes* command = std::get_if<Bytes>(&step.request)) {
      const Parts parts = parts_of(*command);
      line.name = command_name(*command);
      line.header = emvcrypto::to_hex(parts.header);
      line.data = sent.next(parts.data.size()) + of_bytes(step.command_rest);
      line.answer = came.next(step.response.data().size()) + of_bytes(step.response_data);
      line.status = step.response.kind == cps::Response::Kind::answered
                        ? fmt::format("{:04X}", step.response.status())
                        : "no answer";
    } else {
      line.name = reset_name(std::get<cps::Reset>(step.request));
      came.next(step.response.data().size());
      line.answer = emvcrypto::to_hex(step.response.bytes);
    }
    lines_.push_back(std::move(line));
  }
}

std::string TraceView::line_text(std::size_t i) const {
  const Line& line = lines_[i];
  const TraceStep& step = trace_.steps[i];
  std::string text = fmt::format("{:>4}  {:>10.3f} ms  ", i + 1, step.at / 1000.0);
  for (const std::string* part : {&line.header, &line.name, &line.data})
    if (!part->empty()) text += *part + "  ";
  text.erase(text.find_last_not_of(' ') + 1);
  if (!step.is_challenge())
    text += fmt::format("\n      -> {}{}{}  ({:.3f} ms)", line.status,
                        line.answer.empty() || line.status.empty() ? "" : "  ", line.answer,
                        step.took / 1000.0);
  return text + "\n";
}

std::string TraceView::text() const {
  const TraceHead& head = trace_.head;
  std::string text = fmt::format("script {}, record {}{}{}, ATR {}\n", head.script, head.record,
                                 head.record_id.empty() ? "" : " (" + head.record_id + ")",
                                 head.product.empty() ? "" : ", product " + head.product,
                                 emvcrypto::to_hex(head.atr));
  for (std::size_t i = 0; i < lines_.size(); ++i) text += line_text(i);
  if (!trace_.end) return text + "the host failed here\n";
  const TraceEnd& end = *trace_.end;
  text += end.outcome;
  if (!end.command.empty()) text += fmt::format(" at {} ({:04X})", end.command, end.status);
  if (!end.detail.empty()) text += ": " + end.detail;
  return text + "\n";
}

nlohmann::ordered_json TraceView::json() const {
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& line = lines_[i];
    steps.push_back({{"step", i + 1},
                     {"at", trace_.steps[i].at},
                     {"took", trace_.steps[i].took},
                     {"name", line.name},
                     {"header", line.header},
                     {"data", line.data},
                     {"answer", line.answer},
                     {"status", line.status}});
  }
  const TraceHead& head = trace_.head;
  nlohmann::ordered_json json{{"script", head.script},
                              {"record", head.record},
                              {"record_id", head.record_id},
                              {"product", head.product},
                              {"test", head.test},
                              {"stripped", head.stripped},
                              {"atr", emvcrypto::to_hex(head.atr)},
                              {"steps", steps}};
  json["outcome"] = trace_.end ? trace_.end->outcome : "host-failed";
  if (trace_.end) {
    json["command"] = trace_.end->command;
    json["detail"] = trace_.end->detail;
  }
  return json;
}

std::string TraceView::text(const TraceDifference& difference) const {
  const std::size_t i = difference.step - 1;
  const std::string recorded = i < lines_.size() ? line_text(i) : "      nothing more\n";
  const std::string replayed =
      difference.replayed ? alone(*difference.replayed) : "the script comes to its end";
  std::string text = fmt::format("step {} is another one:\n  recorded\n{}  replayed\n      {}\n",
                                 difference.step, recorded, replayed);
  if (difference.recorded && difference.replayed && !difference.recorded->is_challenge()) {
    const std::string parting =
        first_difference(difference.recorded->request, *difference.replayed);
    if (!parting.empty()) text += "  " + parting + "\n";
  }
  return text;
}

}  // namespace kpd
