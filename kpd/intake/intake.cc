#include "kpd/intake/intake.h"

#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/pan.h"
#include "kpd/exit_code.h"
#include "kpd/intake/field_check.h"

namespace kpd {
namespace {

constexpr std::size_t kShortestPan = 12;  ///< digits

std::ifstream open_source(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Failure(ExitCode::io, file + ": the input file cannot be opened");
  return in;
}

/// The header's columns.
std::vector<std::string> read_header(CsvReader& csv, const std::string& file) {
  auto row = csv.next();
  if (!row || !row->columns)
    throw Failure(ExitCode::usage, file + ": the first line must name the columns");
  return *std::move(row->columns);
}

std::size_t column_of(const std::vector<std::string>& names, const std::string& name,
                      const std::string& file) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Failure(ExitCode::usage, fmt::format("{}: no column is called '{}'; the file has: {}",
                                               file, name, fmt::join(names, ", ")));
  if (std::find(found + 1, names.end(), name) != names.end())
    throw Failure(ExitCode::usage, fmt::format("{}: column '{}' stands there twice", file, name));
  return static_cast<std::size_t>(found - names.begin());
}

/// Texts in one byte string: length(4) and bytes each.
Bytes pack(const std::vector<std::string_view>& texts) {
  Bytes packed;
  for (std::string_view text : texts) {
    emvcrypto::append_number(packed, text.size(), 4);
    emvcrypto::append(packed, emvcrypto::as_bytes(text));
  }
  return packed;
}

std::vector<std::string> unpack(ByteView packed) {
  std::vector<std::string> texts;
  while (packed.size() >= 4) {
    const std::size_t size = emvcrypto::to_number(packed.first(4));
    texts.emplace_back(emvcrypto::as_text(packed.subspan(4, size)));
    packed = packed.subspan(4 + size);
  }
  return texts;
}

}  // namespace

Intake::Intake(const Plan& plan) : plan_(plan) {
  for (const JoinPlan& join : plan_.intake.joins) open_join(join);
  const CsvPlan& source = plan_.intake.cards;
  file_ = open_source(source.file);
  csv_ = std::make_unique<CsvReader>(file_, source.delimiter);
  const auto names = read_header(*csv_, source.file);
  column_count_ = names.size();
  for (std::size_t i = 0; i < plan_.intake.card_fields; ++i)
    columns_.push_back(column_of(names, plan_.fields[i].name, source.file));
}

void Intake::open_join(const JoinPlan& join) {
  std::ifstream in = open_source(join.csv.file);
  CsvReader csv(in, join.csv.delimiter);
  const auto names = read_header(csv, join.csv.file);
  const std::size_t key = column_of(names, join.key_column, join.csv.file);
  std::vector<std::size_t> places;
  for (FieldId field : join.fields)
    places.push_back(column_of(names, plan_.fields[field].name, join.csv.file));

  Join open{&join, std::make_unique<SideIndex>(), std::make_unique<SideIndex>()};
  std::uint64_t unreadable = 0;
  while (auto row = csv.next()) {
    if (!row->columns || row->columns->size() != names.size()) {
      ++unreadable;  // its card finds no partner
      continue;
    }
    std::vector<std::string_view> values;
    for (std::size_t place : places) values.push_back((*row->columns)[place]);
    const ByteView name = emvcrypto::as_bytes((*row->columns)[key]);
    if (!open.rows->insert(name, pack(values))) open.repeated->insert(name);
  }
  if (unreadable > 0)
    notes_.push_back(
        fmt::format("{}: {} rows cannot be read and were passed over", join.csv.file, unreadable));
  joins_.push_back(std::move(open));
}

pb::Reject Intake::reject(const pb::Card& card, const std::string& field,
                          const emvcrypto::Fault& fault) const {
  pb::Reject reject;
  reject.set_ordinal(card.ordinal());
  reject.set_line(card.line());
  const int id = static_cast<int>(plan_.roles.record_id);
  // A record whose columns are mixed up may hold a PAN here: only a proper id is shown.
  if (card.fields_size() > id && !check_field(plan_.fields[id], card.fields(id), plan_) &&
      !(card.fields(id).size() >= kShortestPan && emvcrypto::luhn_valid(card.fields(id))))
    reject.set_record_id(card.fields(id));
  reject.set_field(field);
  reject.set_fault(fault.code);
  reject.set_reason(fault.reason);
  reject.set_stage("ingest");
  return reject;
}

std::optional<pb::Reject> Intake::fill(pb::Card& card, const std::vector<std::string>& row) {
  if (row.size() != column_count_)
    return reject(
        card, "",
        {"columns", fmt::format("{} columns; the first line names {}", row.size(), column_count_)});
  for (std::size_t place : columns_) card.add_fields(row[place]);
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (auto wrong = check_field(plan_.fields[i], card.fields(static_cast<int>(i)), plan_))
      return reject(card, wrong->field, wrong->fault);
  const auto field = [&](FieldId id) {
    return std::string_view(card.fields(static_cast<int>(id)));
  };
  if (auto wrong = check_record(plan_, field)) return reject(card, wrong->field, wrong->fault);
  return std::nullopt;
}

std::optional<pb::Reject> Intake::join(pb::Card& card) {
  for (const Join& one : joins_) {
    const std::string& on = card.fields(static_cast<int>(one.plan->on));
    const auto found = one.rows->find(emvcrypto::as_bytes(on));
    if (one.repeated->find(emvcrypto::as_bytes(on)))
      return reject(
          card, plan_.fields[one.plan->on].name,
          {"join-twice", "source '" + one.plan->name + "' has two records for this card"});
    if (!found) {
      if (one.plan->reject_missing)
        return reject(card, plan_.fields[one.plan->on].name,
                      {"join", "source '" + one.plan->name + "' has no record for this card"});
      for (std::size_t i = 0; i < one.plan->fields.size(); ++i) card.add_fields("");
      continue;
    }
    const auto values = unpack(*found);
    for (std::size_t i = 0; i < values.size(); ++i) {
      card.add_fields(values[i]);
      if (auto wrong = check_field(plan_.fields[one.plan->fields[i]], values[i], plan_))
        return reject(card, wrong->field, wrong->fault);
    }
  }
  return std::nullopt;
}

std::optional<Intake::Item> Intake::next() {
  auto row = csv_->next();
  if (!row) return std::nullopt;
  pb::Card card;
  card.set_ordinal(ordinal_++);
  card.set_line(row->line);
  if (!row->columns) return reject(card, "", row->columns.error());
  if (auto wrong = fill(card, *row->columns)) return *std::move(wrong);
  if (auto wrong = join(card)) return *std::move(wrong);

  const auto field = [&](FieldId id) {
    return std::string_view(card.fields(static_cast<int>(id)));
  };
  const auto chosen = plan_.choose_card(field(plan_.roles.product), field);
  if (!chosen) {
    const auto risk = plan_.risks.find(field(plan_.roles.product));
    return reject(card, risk == plan_.risks.end() ? "" : plan_.fields[risk->second.field].name,
                  chosen.error());
  }
  card.set_card(static_cast<std::uint32_t>(*chosen));

  // Two cards of one AID, PAN and PSN would have the same keys.
  for (const ApplicationPlan& application : plan_.cards[card.card()].applications) {
    if (!application.payment()) continue;
    const Bytes identity =
        pack({emvcrypto::as_text(application.aid), field(plan_.roles.pan), field(plan_.roles.psn)});
    if (!seen_.insert(identity))
      return reject(card, plan_.fields[plan_.roles.pan].name,
                    {"duplicate", "this batch has another card of the same PAN and PSN"});
  }
  return card;
}

}  // namespace kpd
