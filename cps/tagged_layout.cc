#include "cps/tagged_layout.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "cps/record_parts.h"
#include "cps/tagged_run.h"

namespace cps {
namespace {

constexpr std::size_t kDigits = 7, kPixSize = 4, kNoKeyData = 12, kNameMax = 64;
const Bytes kPackageMark{0xFF, 0xFF, 0xFF, 0xFA};

std::string application_mistake(const TaggedLayout& layout, const TaggedApplication& application) {
  if (application.name.empty() || application.name.size() > kNameMax ||
      !is_printable(application.name) || application.pix.size() != kPixSize)
    return "a package has a name of 1 to 64 printable characters and a PIX of 4 bytes";
  std::vector<Tag> leaves;
  std::map<DgiId, Tag> wholes;
  for (const TaggedDgi& dgi : application.dgis) append_leaves(leaves, dgi.content);
  std::set<Tag> taken(leaves.begin(), leaves.end());
  for (const Tag tag : {layout.absent, layout.other})
    if (emvcrypto::is_constructed(tag) || !taken.insert(tag).second)
      return "tag " + emvcrypto::tag_name(tag) + " of " + application.name +
             " must be primitive and stand for nothing else";
  for (const TaggedDgi& dgi : application.dgis) {
    const bool again = wholes.contains(dgi.id);
    if (again ? wholes[dgi.id] != dgi.whole
              : emvcrypto::is_constructed(dgi.whole) || !taken.insert(dgi.whole).second)
      return "DGI " + dgi_name(dgi.id) + " of " + application.name +
             " needs a primitive tag of its own";
    wholes[dgi.id] = dgi.whole;
  }
  return {};
}

std::string card_mistake(const TaggedLayout& layout, const TaggedCard& card) {
  const Record& frame = card.frame;
  if (!frame.reference.empty() || frame.applications.size() != card.applications.size())
    return "frame and packages of a card do not agree";
  for (const Application& application : frame.applications)
    if (!application.dgis.empty() || !application.mac_key.empty() || !application.mac.empty())
      return "a frame holds no DGIs and no MAC";
  for (const TaggedApplication& application : card.applications)
    if (std::string mistake = application_mistake(layout, application); !mistake.empty())
      return mistake;
  return {};
}

bool is_length_size(std::size_t size) {
  return size == 1 || size == 2;
}

/// The record without what is its card's own.
Record frame_of(const Record& record) {
  Record frame = record;
  frame.reference.clear();
  for (Application& application : frame.applications) {
    application.dgis.clear();
    application.mac_key.clear();
    application.mac.clear();
  }
  return frame;
}

/// MACkey and MACINP; throws std::invalid_argument when they could not be read back.
Bytes key_data_of(const Application& application) {
  if (application.mac_key.empty() && application.mac.empty()) return Bytes(kNoKeyData);
  Bytes data = emvcrypto::concat({application.mac_key, application.mac});
  if (application.mac_key.empty() || application.mac.size() != kMacSize ||
      data == Bytes(kNoKeyData))
    throw std::invalid_argument("MACkey and a MACINP of 4 bytes come together or not at all");
  return data;
}

void append_package(Bytes& to, const TaggedLayout& layout, const TaggedApplication& form,
                    const Application& application, ByteView run) {
  Bytes body;
  append_sized(body, emvcrypto::as_bytes(form.name), 2, "name");
  append_sized(body, form.pix, layout.pix_length_size, "PIX");
  append_sized(body, key_data_of(application), layout.key_data_length_size, "key data");
  append_sized(body, run, 2, "TLV data");
  Bytes package = kPackageMark;
  append_sized(package, body, 2, "package");
  std::string digits = std::to_string(package.size());
  digits.insert(0, kDigits - digits.size(), '0');
  emvcrypto::append(to, emvcrypto::as_bytes(digits));
  emvcrypto::append(to, package);
}

std::size_t read_digits(Cursor& cursor) {
  std::size_t number = 0;
  for (const std::uint8_t digit : cursor.bytes(kDigits, "length of a package")) {
    if (digit < '0' || digit > '9') cursor.fail("the length of a package is not 7 digits");
    number = 10 * number + static_cast<std::size_t>(digit - '0');
  }
  return number;
}

/// Key data, run: what differs from card to card.
void read_package(Cursor& packages, const TaggedLayout& layout, const TaggedApplication& form,
                  Application& application) {
  Cursor package = packages.part(read_digits(packages), "package " + form.name);
  const auto is = [](ByteView found, const auto& wanted) {
    return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end());
  };
  if (!is(package.bytes(kPackageMark.size(), "mark"), kPackageMark))
    package.fail("a package starts with FFFFFFFA");
  Cursor body = package.sized_part(2, "body");
  package.expect_end();
  if (!is(body.sized(2, "name"), emvcrypto::as_bytes(form.name)))
    body.fail("another name than in the header's layout");
  if (!is(body.sized(layout.pix_length_size, "PIX"), form.pix))
    body.fail("another PIX than in the header's layout");
  const ByteView keys = body.sized(layout.key_data_length_size, "key data");
  const ByteView run = body.sized(2, "TLV data");
  body.expect_end();
  if (body.failed()) return;
  if (!is(keys, Bytes(kNoKeyData))) {
    if (keys.size() <= kMacSize) return body.fail("key data is too short for a MAC key and a MAC");
    application.mac_key.assign(keys.begin(), keys.end() - kMacSize);
    application.mac.assign(keys.end() - kMacSize, keys.end());
  }
  auto dgis = parse_run(layout, form, run);
  if (!dgis) return body.fail(dgis.error().reason);
  application.dgis = *std::move(dgis);
}

}  // namespace

std::string layout_mistake(const TaggedLayout& layout) {
  if (!is_length_size(layout.pix_length_size) || !is_length_size(layout.key_data_length_size))
    return "the lengths of PIX and key data have 1 or 2 bytes";
  for (const TaggedCard& card : layout.cards)
    if (std::string mistake = card_mistake(layout, card); !mistake.empty()) return mistake;
  return {};
}

Expected<Bytes> encode_packages(const TaggedLayout& layout, std::size_t which,
                                const Record& record) {
  const TaggedCard& card = layout.cards.at(which);
  if (frame_of(record) != card.frame)
    return emvcrypto::fault("output", "the card differs from its product's layout in the header");
  Bytes packages;
  for (std::size_t i = 0; i < record.applications.size(); ++i) {
    const Application& application = record.applications[i];
    const Bytes run = encode_run(layout, card.applications[i], application.dgis);
    try {
      append_package(packages, layout, card.applications[i], application, run);
    } catch (const std::logic_error& wrong) {  // a length or a value that cannot be written
      return emvcrypto::fault("output", wrong.what());
    }
  }
  return packages;
}

Expected<Record> parse_packages(const TaggedLayout& layout, std::size_t which, ByteView packages,
                                ByteView reference) {
  if (which >= layout.cards.size())
    return emvcrypto::fault("card-file", "a card's layout is not in the header");
  const TaggedCard& card = layout.cards[which];
  Record record = card.frame;
  record.reference.assign(reference.begin(), reference.end());
  Cursor::Failure failure;
  Cursor cursor(packages, "chip data", failure);
  for (std::size_t i = 0; i < card.applications.size(); ++i)
    read_package(cursor, layout, card.applications[i], record.applications[i]);
  cursor.expect_end();
  if (failure) return emvcrypto::fault("card-file", *failure);
  // One card has one form: what reads alike but is written otherwise was not written by us.
  const auto again = encode_packages(layout, which, record);
  if (!again || !std::equal(packages.begin(), packages.end(), again->begin(), again->end()))
    return emvcrypto::fault("card-file", "chip data: not as this format writes it");
  return record;
}

}  // namespace cps
