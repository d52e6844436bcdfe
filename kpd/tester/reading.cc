#include "kpd/tester/reading.h"

#include "emvcrypto/afl.h"
#include "kpd/tester/compare.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

constexpr std::uint8_t kLastTemplateSfi = 10;  ///< records above may have any content

Bytes copy(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

/// AIP and AFL out of format 1 (80) or 2 (77).
bool take_options(ApplicationVisit& app, ByteView answer) {
  ByteView rest = answer;
  const auto outer = emvcrypto::next_tlv(rest);
  if (!outer || !rest.empty()) return false;
  if (outer->tag == tags::kFormat1) {
    if (outer->value.size() < 2) return false;
    app.aip = copy(outer->value.first(2));
    app.afl = copy(outer->value.subspan(2));
  } else if (outer->tag == tags::kFormat2) {
    const auto aip = emvcrypto::find_tlv(outer->value, tags::kAip);
    const auto afl = emvcrypto::find_tlv(outer->value, tags::kAfl);
    if (!aip || aip->size() != 2) return false;
    app.aip = copy(*aip);
    if (afl) app.afl = copy(*afl);
  } else {
    return false;
  }
  app.report.aip = app.aip;
  app.report.afl = app.afl;
  return true;
}

/// Checks a record's template and collects what is in it.
void take_record(ApplicationVisit& app, const ReadRecord& record) {
  if (record.sfi > kLastTemplateSfi) return;
  ByteView rest = record.bytes;
  const auto outer = emvcrypto::next_tlv(rest);
  if (!outer || outer->tag != tags::kRecord || !rest.empty()) {
    app.find("record.template", "the record has " + std::to_string(record.bytes.size()) + " bytes",
             record.name());
    return;
  }
  const auto twice = app.data.add_list(outer->value, record.name());
  if (!twice) {
    app.find("tlv", "template 70 holds no list of data objects", record.name());
    return;
  }
  for (const auto tag : *twice) {
    const std::string& first = app.data.objects().at(tag).where;
    if (first != "FCI")
      app.find("data.duplicate", emvcrypto::tag_name(tag) + " stands in " + first + " already",
               record.name());
  }
}

}  // namespace

cps::Command read_record_command(std::uint8_t sfi, std::uint8_t number) {
  return {0x00, 0xB2, number, static_cast<std::uint8_t>(sfi << 3 | 4), {}, 256};
}

cps::Dialogue<bool> get_processing_options(ApplicationVisit& app) {
  const auto pdol = emvcrypto::parse_dol(app.data.get(tags::kPdol));
  if (!pdol) {
    app.find("gpo", "the PDOL (9F38) is malformed", "FCI");
    co_return false;
  }
  app.terminal.set(tags::kUnpredictable, app.card.request.ports.random(4));
  app.pdol_values = joined(app.terminal.fill(*pdol, app.data));
  if (app.pdol_values.size() > 252) {
    app.find("gpo", "the PDOL (9F38) asks for more than a command can carry", "FCI");
    co_return false;
  }
  cps::Command command{
      0x80, 0xA8, 0x00, 0x00, emvcrypto::make_tlv(tags::kCommandTemplate, app.pdol_values), 256};
  auto sending = transact(app.card, "GET PROCESSING OPTIONS", std::move(command));
  const cps::Response response = co_await sending;
  if (app.card.gone) co_return false;
  if (!answered(response)) {
    app.find("gpo", cps::status_text(response.status()));
    co_return false;
  }
  if (!take_options(app, response.data())) {
    app.find("gpo.format",
             "no AIP and AFL in " + std::to_string(response.data().size()) + " bytes");
    co_return false;
  }
  compare_processing_options(app);
  co_return true;
}

cps::Dialogue<bool> read_records(ApplicationVisit& app) {
  const auto entries = emvcrypto::parse_afl(app.afl);
  if (!entries) {
    app.find("gpo.format", entries.error().reason, "AFL");
    co_return false;
  }
  for (const auto& entry : *entries) {
    for (unsigned number = entry.first; number <= entry.last; ++number) {
      ReadRecord record{entry.sfi,
                        static_cast<std::uint8_t>(number),
                        number - entry.first < entry.signed_count,
                        {}};
      auto sending = transact(app.card, "READ " + record.name(),
                              read_record_command(record.sfi, record.number));
      const cps::Response response = co_await sending;
      if (app.card.gone) co_return false;
      if (!answered(response)) {
        app.find("record", cps::status_text(response.status()), record.name());
        continue;
      }
      record.bytes = copy(response.data());
      take_record(app, record);
      app.records.push_back(std::move(record));
    }
  }
  co_return true;
}

}  // namespace kpd::tester
