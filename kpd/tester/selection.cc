#include "kpd/tester/selection.h"

#include <algorithm>

#include "kpd/tester/compare.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

constexpr std::string_view kPse = "1PAY.SYS.DDF01";
constexpr std::string_view kPpse = "2PAY.SYS.DDF01";
constexpr unsigned kDirectoryLimit = 40;  ///< records; more is no directory

cps::Command select_command(ByteView name) {
  return {0x00, 0xA4, 0x04, 0x00, {name.begin(), name.end()}, 256};
}

/// The AIDs (4F) of a directory record's entries (61), appended to `aids`. False when malformed.
bool add_entries(ByteView list, std::vector<Bytes>& aids) {
  const auto objects = emvcrypto::parse_tlv_list(list);
  if (!objects) return false;
  for (const auto& object : *objects) {
    if (object.tag != tags::kDirectoryEntry) continue;
    const auto name = emvcrypto::find_tlv(object.value, tags::kAdfName);
    if (!name || name->size() < 5 || name->size() > 16) return false;
    const Bytes aid(name->begin(), name->end());
    if (std::find(aids.begin(), aids.end(), aid) == aids.end()) aids.push_back(aid);
  }
  return true;
}

std::optional<std::uint8_t> directory_sfi(ByteView fci) {
  const auto sfi = emvcrypto::find_tlv(fci, tags::kDirectorySfi);
  if (!sfi || sfi->size() != 1 || sfi->front() < 1 || sfi->front() > 10) return std::nullopt;
  return sfi->front();
}

cps::Dialogue<std::vector<ReadRecord>> read_directory(Visit& visit, std::uint8_t sfi) {
  std::vector<ReadRecord> records;
  for (unsigned number = 1; number <= kDirectoryLimit; ++number) {
    const ReadRecord wanted{sfi, static_cast<std::uint8_t>(number), false, {}};
    cps::Command command{0x00, 0xB2, wanted.number, static_cast<std::uint8_t>(sfi << 3 | 4),
                         {},   256};
    auto sending = transact(visit, "READ RECORD of the PSE, " + wanted.name(), std::move(command));
    const cps::Response response = co_await sending;
    if (visit.gone || answered(response, 0x6A83)) co_return records;
    if (!answered(response)) {
      visit.find("select.pse", cps::status_text(response.status()), wanted.name());
      co_return records;
    }
    records.push_back(wanted);
    records.back().bytes.assign(response.data().begin(), response.data().end());
  }
  visit.find("card.limit", "the directory does not end", "PSE");
  co_return records;
}

const cps::Application* prepared_directory(const Visit& visit, std::string_view name) {
  if (!visit.request.prepared) return nullptr;
  const auto wanted = emvcrypto::as_bytes(name);
  for (const auto& application : visit.request.prepared->applications)
    if (std::equal(wanted.begin(), wanted.end(), application.aid.begin(), application.aid.end()))
      return &application;
  return nullptr;
}

std::string text_of(ByteView bytes) {
  return std::string(emvcrypto::as_text(bytes));
}

}  // namespace

bool is_directory_name(ByteView aid) {
  const auto text = emvcrypto::as_text(aid);
  return text == kPse || text == kPpse;
}

bool is_pse_name(ByteView aid) {
  return emvcrypto::as_text(aid) == kPse;
}

cps::Dialogue<std::vector<Bytes>> read_pse(Visit& visit) {
  std::vector<Bytes> aids;
  const cps::Application* prepared = prepared_directory(visit, kPse);
  const bool wanted = prepared != nullptr || visit.request.profile.pse_required;
  auto selecting = transact(visit, "SELECT PSE", select_command(emvcrypto::as_bytes(kPse)));
  const cps::Response response = co_await selecting;
  if (visit.gone) co_return aids;
  if (!answered(response)) {
    visit.find(wanted ? "select.pse" : "select.no-pse", cps::status_text(response.status()), "PSE");
    co_return aids;
  }
  const Bytes fci(response.data().begin(), response.data().end());
  if (prepared) compare_fci(visit, *prepared, fci);
  const auto sfi = directory_sfi(fci);
  if (!sfi) {
    // A chip may come with an empty one, which a card without payment leaves as it is.
    const bool left_empty = visit.request.prepared != nullptr && !wanted;
    visit.find(left_empty ? "select.no-pse" : "select.pse",
               "the FCI names no directory file (88) of 1 to 10", "PSE");
    co_return aids;
  }
  auto reading = read_directory(visit, *sfi);
  const std::vector<ReadRecord> records = co_await reading;
  for (const ReadRecord& record : records) {
    ByteView rest = record.bytes;
    const auto outer = emvcrypto::next_tlv(rest);
    if (!outer || outer->tag != tags::kRecord || !rest.empty() || !add_entries(outer->value, aids))
      visit.find("select.pse", "not a template 70 with entries of 61", record.name());
  }
  if (visit.gone) co_return aids;
  if (aids.empty()) visit.find("select.pse", "the directory lists no application", "PSE");
  if (prepared) compare_records(visit, *prepared, records);
  co_return aids;
}

cps::Dialogue<bool> check_directory(Visit& visit, const cps::Application& prepared) {
  auto selecting = transact(visit, "SELECT " + text_of(prepared.aid), select_command(prepared.aid));
  const cps::Response response = co_await selecting;
  if (visit.gone) co_return false;
  if (!answered(response)) {
    visit.find("select.aid", cps::status_text(response.status()), text_of(prepared.aid));
    co_return false;
  }
  compare_fci(visit, prepared, response.data());
  co_return true;
}

cps::Dialogue<bool> select_application(ApplicationVisit& app) {
  const std::string hex = emvcrypto::to_hex(app.target.aid);
  auto selecting = transact(app.card, "SELECT " + hex, select_command(app.target.aid));
  const cps::Response response = co_await selecting;
  if (app.card.gone) co_return false;
  if (answered(response, 0x6283)) {
    app.find("select.blocked", cps::status_text(response.status()));
    co_return false;
  }
  if (!answered(response)) {
    app.find("select.aid", cps::status_text(response.status()));
    co_return false;
  }
  app.fci.assign(response.data().begin(), response.data().end());
  ByteView rest = app.fci;
  const auto outer = emvcrypto::next_tlv(rest);
  if (!outer || outer->tag != tags::kFci || !rest.empty() ||
      !emvcrypto::parse_tlv_tree(outer->value)) {
    app.find("select.fci", "the answer to SELECT is not one template 6F");
    co_return false;
  }
  const auto name = emvcrypto::find_tlv(outer->value, tags::kDfName);
  if (!name ||
      !std::equal(name->begin(), name->end(), app.target.aid.begin(), app.target.aid.end()))
    app.find("select.fci", name ? "the DF name (84) is " + emvcrypto::to_hex(*name)
                                : std::string("there is no DF name (84)"));
  const auto proprietary = emvcrypto::find_tlv(outer->value, tags::kFciProprietary);
  if (!proprietary) {
    app.find("select.fci", "there is no proprietary template (A5)");
    co_return true;
  }
  if (const auto label = emvcrypto::find_tlv(*proprietary, tags::kLabel))
    app.report.label = emvcrypto::as_text(*label);
  app.data.add_list(*proprietary, "FCI");
  app.terminal.set(tags::kAid, app.target.aid);
  if (app.prepared) compare_fci(app.card, *app.prepared, app.fci);
  co_return true;
}

}  // namespace kpd::tester
