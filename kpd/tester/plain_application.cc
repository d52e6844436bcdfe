#include "kpd/tester/plain_application.h"

#include <algorithm>

#include "kpd/tester/compare.h"
#include "kpd/tester/plain_files.h"
#include "kpd/tester/reading.h"
#include "kpd/tester/selection.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

constexpr std::size_t kMostRead = 240;        // bytes a command, within every reader's limits
constexpr std::size_t kLongestFile = 0x8000;  // beyond it no offset reaches
constexpr cps::DgiId kFirstKept = 0x8000;     // keys, PINs and what belongs to them

/// READ BINARY of the current file (ISO/IEC 7816-4, 11.2.3).
cps::Command read_binary_command(std::size_t offset, std::size_t count) {
  return {0x00,
          0xB0,
          static_cast<std::uint8_t>(offset >> 8),
          static_cast<std::uint8_t>(offset & 0xFF),
          {},
          static_cast<std::uint16_t>(count)};
}

std::string file_name(cps::DgiId id) {
  return "file " + cps::dgi_name(id);
}

/// The whole of a transparent file, as far as it was prepared; nothing when it cannot be read.
cps::Dialogue<std::optional<Bytes>> read_transparent(ApplicationVisit& app, const cps::Dgi& dgi,
                                                     bool may_be_longer) {
  Bytes content;
  while (content.size() < dgi.value.size()) {
    const std::size_t count = std::min(kMostRead, dgi.value.size() - content.size());
    auto sending = transact(app.card, "READ BINARY of " + file_name(dgi.id),
                            read_binary_command(content.size(), count));
    const cps::Response response = co_await sending;
    if (app.card.gone) co_return std::nullopt;
    const bool cut = answered(response, 0x6282);
    if (!cut && !answered(response)) {
      app.card.find("file.missing", cps::status_text(response.status()),
                    place(*app.prepared, dgi.id));
      co_return std::nullopt;
    }
    emvcrypto::append(content, response.data());
    if (cut || response.data().empty()) co_return std::optional(std::move(content));
  }
  if (may_be_longer || content.size() >= kLongestFile) co_return std::optional(std::move(content));
  auto ending =
      transact(app.card, "READ BINARY behind its end", read_binary_command(content.size(), 1));
  const cps::Response behind = co_await ending;
  if (answered(behind))
    app.card.find("file.longer", "more than " + std::to_string(content.size()) + " bytes",
                  place(*app.prepared, dgi.id));
  co_return std::optional(std::move(content));
}

/// As many records of a file as were prepared, one after the other.
cps::Dialogue<std::optional<Bytes>> read_records_of(ApplicationVisit& app, const cps::Dgi& dgi,
                                                    std::size_t record_length) {
  Bytes content;
  for (std::size_t number = 1; content.size() < dgi.value.size(); ++number) {
    cps::Command command{0x00, 0xB2, static_cast<std::uint8_t>(number), 0x04, {}, 256};
    auto sending =
        transact(app.card, "READ RECORD " + std::to_string(number) + " of " + file_name(dgi.id),
                 std::move(command));
    const cps::Response response = co_await sending;
    if (app.card.gone) co_return std::nullopt;
    if (!answered(response) || response.data().size() != record_length || number > 254) {
      app.card.find("file.missing",
                    "record " + std::to_string(number) + ": " + cps::status_text(response.status()),
                    place(*app.prepared, dgi.id));
      co_return std::nullopt;
    }
    emvcrypto::append(content, response.data());
  }
  co_return std::optional(std::move(content));
}

cps::Dialogue<bool> compare_file(ApplicationVisit& app, const cps::Dgi& dgi, PlainFile file) {
  cps::Command command{0x00, 0xA4, 0x02, 0x0C, {}, std::nullopt};
  emvcrypto::append_number(command.data, dgi.id, 2);
  auto selecting = transact(app.card, "SELECT " + file_name(dgi.id), std::move(command));
  const cps::Response response = co_await selecting;
  if (app.card.gone) co_return false;
  if (!answered(response)) {
    app.card.find("file.missing", cps::status_text(response.status()),
                  place(*app.prepared, dgi.id));
    co_return true;
  }
  auto reading = file.record_length > 0 ? read_records_of(app, dgi, file.record_length)
                                        : read_transparent(app, dgi, file.has_size);
  const auto content = co_await reading;
  if (content) compare_value(app.card, *app.prepared, dgi, *content);
  co_return !app.card.gone;
}

cps::Dialogue<bool> compare_record(ApplicationVisit& app, const cps::Dgi& dgi) {
  const ReadRecord record{
      static_cast<std::uint8_t>(dgi.id >> 8), static_cast<std::uint8_t>(dgi.id & 0xFF), false, {}};
  auto sending =
      transact(app.card, "READ " + record.name(), read_record_command(record.sfi, record.number));
  const cps::Response response = co_await sending;
  if (app.card.gone) co_return false;
  if (answered(response))
    compare_value(app.card, *app.prepared, dgi, response.data());
  else
    app.card.find("data.missing", cps::status_text(response.status()),
                  place(*app.prepared, dgi.id));
  co_return true;
}

bool listed(const std::vector<cps::DgiId>& ids, cps::DgiId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Records and files; FCI and data objects have their own steps.
cps::Dialogue<bool> compare_contents(ApplicationVisit& app) {
  const PreparedLayout& layout = app.card.request.layout;
  std::map<cps::DgiId, PlainFile> files;
  if (const cps::Dgi* control = find_dgi(*app.prepared, layout.file_control)) {
    auto parsed = parse_file_control(control->value);
    if (!parsed) app.card.find("file.control", "", place(*app.prepared, control->id));
    if (parsed) files = *std::move(parsed);
  }
  for (const cps::Dgi& dgi : app.prepared->dgis) {
    const auto file = files.find(dgi.id);
    const bool is_file = file != files.end();
    if (is_file || is_record(dgi.id)) {
      auto comparing = is_file ? compare_file(app, dgi, file->second) : compare_record(app, dgi);
      const bool there = co_await comparing;
      if (!there) co_return false;
    } else if (dgi.id < kFirstKept && dgi.id != layout.file_control &&
               !listed(layout.plain_objects, dgi.id) && !listed(layout.fci, dgi.id)) {
      app.card.find("data.unreadable", "no command gives this DGI back",
                    place(*app.prepared, dgi.id));
    }
  }
  co_return true;
}

}  // namespace

cps::Dialogue<bool> read_plain_application(ApplicationVisit& app) {
  auto selecting = select_application(app);
  const bool selected = co_await selecting;
  if (!selected) co_return false;
  if (app.prepared == nullptr) co_return true;
  auto contents = compare_contents(app);
  const bool there = co_await contents;
  if (!there) co_return false;
  auto objects = compare_data_objects(app, app.card.request.layout.plain_objects);
  const bool still_there = co_await objects;
  if (!still_there) co_return false;
  settle_comparison(app);
  co_return true;
}

}  // namespace kpd::tester
