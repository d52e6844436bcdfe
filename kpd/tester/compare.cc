#include "kpd/tester/compare.h"

#include <algorithm>

#include "kpd/tester/compare_values.h"
#include "kpd/tester/reading.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

constexpr cps::DgiId kFirstRecord = 0x0101, kLastRecord = 0x1EFF;

constexpr unsigned kLastEmvSfi = 10;  ///< files above belong to the issuer or the platform

cps::DgiId dgi_of(const ReadRecord& record) {
  return static_cast<cps::DgiId>(record.sfi << 8 | record.number);
}

void report(Visit& visit, const cps::Application& prepared, cps::DgiId id,
            const std::vector<Difference>& found) {
  for (const Difference& difference : found)
    visit.find(difference.id, difference.reason, place(prepared, id, difference.where));
}

/// A difference that shows when the card is used.
void differs_late(ApplicationVisit& app, cps::DgiId id, std::string reason,
                  const std::string& where) {
  app.card.find("data.differs", std::move(reason), place(*app.prepared, id, where));
  app.report.comparison = Outcome::failed;
}

/// The content of the proprietary template, however it was prepared.
ByteView proprietary_of(ByteView value) {
  ByteView rest = value;
  const auto outer = emvcrypto::next_tlv(rest);
  if (!outer || !rest.empty()) return value;
  if (outer->tag == tags::kFciProprietary) return outer->value;
  if (outer->tag != tags::kFci) return value;
  return emvcrypto::find_tlv(outer->value, tags::kFciProprietary).value_or(ByteView());
}

/// Prepared data objects that GET DATA may show, with the DGI that they stand in.
struct Readable {
  cps::DgiId dgi;
  emvcrypto::Tag tag;
  Bytes value;
};

std::vector<Readable> readable_objects(const ApplicationVisit& app,
                                       const std::vector<cps::DgiId>& dgis) {
  std::vector<Readable> objects;
  for (const auto id : dgis) {
    const cps::Dgi* dgi = find_dgi(*app.prepared, id);
    const auto list = dgi ? emvcrypto::parse_tlv_list(dgi->value) : std::nullopt;
    if (!list) continue;
    for (const auto& object : *list)
      if (!is_counter(object.tag) && emvcrypto::tag_size(object.tag) <= 2)
        objects.push_back({id, object.tag, {object.value.begin(), object.value.end()}});
  }
  return objects;
}

/// Whether a prepared DGI is a record that reading by the AFL did not bring.
bool is_unread_record(const ApplicationVisit& app, cps::DgiId id) {
  const auto& layout = app.card.request.layout;
  const auto is_this = [id](cps::DgiId other) { return other == id; };
  const auto was_read = [id](const ReadRecord& record) { return dgi_of(record) == id; };
  return is_record(id) && std::none_of(app.records.begin(), app.records.end(), was_read) &&
         std::none_of(layout.data_objects.begin(), layout.data_objects.end(), is_this) &&
         std::none_of(layout.internal.begin(), layout.internal.end(), is_this);
}

/// Prepared records that the AFL does not name: the terminal's files must show them.
cps::Dialogue<bool> compare_unread(ApplicationVisit& app) {
  for (const cps::Dgi& dgi : app.prepared->dgis) {
    if (!is_unread_record(app, dgi.id)) continue;
    const ReadRecord record{static_cast<std::uint8_t>(dgi.id >> 8),
                            static_cast<std::uint8_t>(dgi.id & 0xFF),
                            false,
                            {}};
    auto sending = transact(app.card, "READ " + record.name() + " (not in the AFL)",
                            read_record_command(record.sfi, record.number));
    const cps::Response response = co_await sending;
    if (app.card.gone) co_return false;
    if (answered(response))
      report(app.card, *app.prepared, dgi.id, differences(dgi.value, response.data()));
    else
      app.card.find(record.sfi <= kLastEmvSfi ? "data.missing" : "data.unreadable",
                    cps::status_text(response.status()), place(*app.prepared, dgi.id));
  }
  co_return true;
}

}  // namespace

bool is_record(cps::DgiId id) {
  return id >= kFirstRecord && id <= kLastRecord && (id & 0xFF) != 0;
}

const cps::Dgi* find_dgi(const cps::Application& application, cps::DgiId id) {
  const auto found = std::find_if(application.dgis.begin(), application.dgis.end(),
                                  [id](const cps::Dgi& dgi) { return dgi.id == id; });
  return found == application.dgis.end() ? nullptr : &*found;
}

std::string place(const cps::Application& application, cps::DgiId id, const std::string& tag) {
  return emvcrypto::to_hex(application.aid) + " DGI " + cps::dgi_name(id) +
         (tag.empty() ? "" : " " + tag);
}

void compare_value(Visit& visit, const cps::Application& prepared, const cps::Dgi& dgi,
                   ByteView on_card) {
  report(visit, prepared, dgi.id, differences(dgi.value, on_card));
}

cps::Dialogue<bool> compare_data_objects(ApplicationVisit& app, std::vector<cps::DgiId> dgis) {
  const auto objects = readable_objects(app, dgis);
  for (const Readable& object : objects) {
    const std::string name = emvcrypto::tag_name(object.tag);
    cps::Command command{0x80,
                         0xCA,
                         static_cast<std::uint8_t>(object.tag >> 8),
                         static_cast<std::uint8_t>(object.tag & 0xFF),
                         {},
                         256};
    auto sending = transact(app.card, "GET DATA " + name, std::move(command));
    const cps::Response response = co_await sending;
    if (app.card.gone) co_return false;
    if (answered(response))
      report(app.card, *app.prepared, object.dgi,
             differences(emvcrypto::make_tlv(object.tag, object.value), response.data()));
    else
      app.card.find("data.unreadable", cps::status_text(response.status()),
                    place(*app.prepared, object.dgi, "tag " + name));
  }
  co_return true;
}

void compare_fci(Visit& visit, const cps::Application& prepared, ByteView fci) {
  for (const cps::DgiId id : visit.request.layout.fci)
    if (const cps::Dgi* dgi = find_dgi(prepared, id))
      return report(visit, prepared, id,
                    differences(proprietary_of(dgi->value), proprietary_of(fci)));
}

void compare_processing_options(ApplicationVisit& app) {
  if (!app.prepared) return;
  const PreparedLayout& layout = app.card.request.layout;
  if (const cps::Dgi* dgi = find_dgi(*app.prepared, layout.processing_options))
    compare_value(app.card, *app.prepared, *dgi,
                  emvcrypto::concat({emvcrypto::make_tlv(tags::kAip, app.aip),
                                     emvcrypto::make_tlv(tags::kAfl, app.afl)}));
  if (const cps::Dgi* dgi = find_dgi(*app.prepared, layout.positional_options))
    compare_value(app.card, *app.prepared, *dgi, emvcrypto::concat({app.aip, app.afl}));
}

void compare_records(Visit& visit, const cps::Application& prepared,
                     const std::vector<ReadRecord>& records) {
  for (const ReadRecord& record : records) {
    const cps::DgiId id = dgi_of(record);
    if (const cps::Dgi* dgi = find_dgi(prepared, id))
      report(visit, prepared, id, differences(dgi->value, record.bytes));
    else
      visit.find("data.unexpected", record.name() + " was not prepared", place(prepared, id));
  }
}

cps::Dialogue<bool> compare_with_prepared(ApplicationVisit& app) {
  if (!app.prepared) co_return true;
  compare_records(app.card, *app.prepared, app.records);
  auto unread = compare_unread(app);
  const bool there = co_await unread;
  if (!there) co_return false;
  auto objects = compare_data_objects(app, app.card.request.layout.data_objects);
  const bool still_there = co_await objects;
  if (!still_there) co_return false;
  settle_comparison(app);
  co_return true;
}

void settle_comparison(ApplicationVisit& app) {
  const auto& found = app.card.report.findings;
  const std::string aid = emvcrypto::to_hex(app.target.aid);
  const bool differs = std::any_of(found.begin(), found.end(), [&aid](const Finding& finding) {
    const bool of_data = finding.id.starts_with("data.") || finding.id.starts_with("file.");
    return finding.severity == Severity::error && of_data &&
           finding.where.starts_with(aid + " DGI ");
  });
  app.report.comparison = differs ? Outcome::failed : Outcome::passed;
}

void compare_issuer_data(ApplicationVisit& app, ByteView issuer_data) {
  if (!app.prepared || !app.target.version) return;
  const cps::DgiId id = app.card.request.layout.issuer_data;
  const cps::Dgi* dgi = find_dgi(*app.prepared, id);
  const auto made = dgi ? emvcrypto::find_tlv(dgi->value, tags::kIad) : std::nullopt;
  const std::size_t size = app.target.version->number_at + 1;
  if (!made || made->size() < size) return;
  const ByteView prepared = made->first(size);
  const ByteView on_card = issuer_data.first(std::min(size, issuer_data.size()));
  if (std::equal(prepared.begin(), prepared.end(), on_card.begin(), on_card.end())) return;
  differs_late(app, id,
               "prepared: " + emvcrypto::to_hex(prepared) +
                   "...; on the card: " + emvcrypto::to_hex(on_card) + "...",
               "tag " + emvcrypto::tag_name(tags::kIad));
}

void compare_pin_limit(ApplicationVisit& app, std::uint8_t tries) {
  if (!app.prepared) return;
  const cps::DgiId id = app.card.request.layout.pin_counters;
  const cps::Dgi* dgi = find_dgi(*app.prepared, id);
  if (!dgi || dgi->value.size() != 2 || dgi->value.back() == tries) return;
  differs_late(app, id,
               "prepared: " + std::to_string(dgi->value.back()) +
                   " PIN tries; on the card after a right PIN: " + std::to_string(tries),
               "");
}

}  // namespace kpd::tester
