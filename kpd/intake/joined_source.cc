#include "kpd/intake/joined_source.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/intake/field_text.h"
#include "kpd/intake/input_columns.h"
#include "kpd/intake/packed_texts.h"

namespace kpd {
namespace {

constexpr std::size_t kPlacesTold = 5;
constexpr std::size_t kLineSize = 8;

}  // namespace

JoinedSource::JoinedSource(const JoinPlan& plan) : plan_(plan) {
  const auto source = open_source(plan.source);
  InputColumns columns(*source, plan.source, plan.inputs);
  while (const auto row = source->next()) {
    if (row->columns)
      add(row->line, columns.of(*row->columns));
    else
      pass_over(row->line, row->columns.error());
  }
}

void JoinedSource::add(std::uint64_t line, const std::vector<std::string_view>& inputs) {
  std::string_view key;
  emvcrypto::Expected<std::string> made;
  if (plan_.key_text) {
    const FieldLookup none = [](FieldId) { return std::string_view(); };
    made = expand(*plan_.key_text, over_inputs(inputs, none));
    if (!made) return pass_over(line, made.error());
    key = *made;
  } else {
    key = inputs[plan_.key_input];
  }
  emvcrypto::Bytes value;
  emvcrypto::append_number(value, line, kLineSize);
  emvcrypto::append(value, pack(inputs));
  if (rows_.insert(emvcrypto::as_bytes(key), value)) return;
  if (!repeated_) repeated_ = std::make_unique<SideIndex>();
  repeated_->insert(emvcrypto::as_bytes(key));
}

void JoinedSource::pass_over(std::uint64_t line, const emvcrypto::Fault& fault) {
  if (plan_.unreadable_stops)
    throw Failure(ExitCode::hold,
                  fmt::format("{}: this row of '{}' cannot be read ({}); a card that it belongs to "
                              "would be made without it. Mend it, or say 'unreadable: pass'",
                              place(line), plan_.name, fault.reason));
  ++unreadable_;  // its card finds no partner
  if (unreadable_places_.size() < kPlacesTold)
    unreadable_places_.push_back(fmt::format("line {} ({})", line, fault.code));
}

std::optional<JoinedSource::Row> JoinedSource::find(const std::string& key) {
  const auto found = rows_.find(emvcrypto::as_bytes(key));
  if (!found) return std::nullopt;
  const emvcrypto::ByteView value = *found;
  return Row{emvcrypto::to_number(value.first(kLineSize)), unpack(value.subspan(kLineSize))};
}

bool JoinedSource::is_repeated(const std::string& key) {
  return repeated_ && repeated_->find(emvcrypto::as_bytes(key)).has_value();
}

std::string JoinedSource::place(std::uint64_t line) const {
  return fmt::format("{}:{}", source_name(plan_.source), line);
}

std::vector<std::string> JoinedSource::notes() const {
  if (unreadable_ == 0) return {};
  return {fmt::format("{}: {} rows cannot be read and were passed over: {}{}",
                      source_name(plan_.source), unreadable_, fmt::join(unreadable_places_, ", "),
                      unreadable_ > unreadable_places_.size() ? " ..." : "")};
}

}  // namespace kpd
