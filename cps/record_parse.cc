#include "cps/record_parts.h"

namespace cps {
namespace {

Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}

// A sized field as text of `size` printable characters.
std::string read_text(Cursor& cursor, std::size_t size, const char* field) {
  const std::string text(emvcrypto::as_text(cursor.bytes(size, field)));
  if (!is_printable(text)) cursor.fail(std::string(field) + " is not printable ASCII");
  return text;
}

Bytes read_aid(Cursor& cursor) {
  const Bytes aid = to_bytes(cursor.sized(1, "AID"));
  if (!cursor.failed() && (aid.size() < kAidMin || aid.size() > kAidMax))
    cursor.fail("an AID has 5 to 16 bytes, this one " + std::to_string(aid.size()));
  return aid;
}

void read_product_ids(Cursor& cursor, Record& record, const RecordLayout& layout) {
  const std::size_t count = cursor.byte("NUMBERpid");
  for (std::size_t i = 0; i < count && !cursor.failed(); ++i)
    record.product_ids.push_back(to_bytes(layout.product_id_length == 0
                                              ? cursor.sized(1, "PID")
                                              : cursor.bytes(layout.product_id_length, "PID")));
}

// Fields 2.4-2.8; the AIDs become the record's applications.
void read_section2(Cursor cursor, Record& record, const RecordLayout& layout) {
  record.reference = to_bytes(cursor.sized(1, "CRN"));
  record.status = read_text(cursor, 2, "STATUScoll");
  read_product_ids(cursor, record, layout);
  const std::size_t count = cursor.byte("NUMBERaid");
  for (std::size_t i = 0; i < count && !cursor.failed(); ++i)
    record.applications.emplace_back().aid = read_aid(cursor);
  cursor.expect_end();
}

std::vector<TransportKeyUse> read_transport_keys(Cursor cursor, const RecordLayout& layout) {
  std::vector<TransportKeyUse> uses;
  if (cursor.at_end()) return uses;
  if (cursor.byte("version of TKDATA") != kTransportKeyVersion) cursor.fail("unknown version");
  if (cursor.at_end()) cursor.fail("no transport key");
  while (!cursor.at_end()) {
    TransportKeyUse& use = uses.emplace_back();
    use.key_id = to_bytes(cursor.bytes(layout.key_id_length, "IDTK"));
    use.type = cursor.byte("TYPETK");
    use.mode = cursor.byte("CMODE");
    const std::size_t count = cursor.byte("NUMBERdgi");
    for (std::size_t i = 0; i < count && !cursor.failed(); ++i)
      use.dgis.push_back(static_cast<DgiId>(cursor.number(2, "DGI")));
  }
  return uses;
}

Step read_step(Cursor cursor) {
  Step step;
  step.action = cursor.byte("ACT");
  step.required = cursor.byte("REQ");
  step.tag = cursor.byte("TAG");
  Cursor instructions = cursor.sized_part(2, "PDI");
  step.instructions = read_instructions(instructions);
  step.pointer = to_bytes(cursor.sized(2, "POINTER"));
  cursor.expect_end();
  return step;
}

// 3a.2.
void read_steps(Cursor cursor, Application& application) {
  application.owner = to_bytes(cursor.sized(1, "IDOWNER"));
  Cursor steps = cursor.sized_part(2, "processing steps");
  while (!steps.at_end()) application.steps.push_back(read_step(steps.sized_part(1, "step")));
  cursor.expect_end();
}

// BER length in the layout's form, no other.
std::size_t read_ber_length(Cursor& cursor, ObjectLength form) {
  const bool long_form = form == ObjectLength::long_form;
  const std::size_t first = cursor.byte("length of tag EF");
  if (first < 0x80 && !long_form) return first;
  if (first != 0x82 && (first != 0x81 || long_form)) {
    cursor.fail("the length of tag EF is not in the form of this file");
    return 0;
  }
  const std::size_t length = cursor.number(first - 0x80, "length of tag EF");
  if (!long_form && length <= (first == 0x81 ? 0x7Fu : 0xFFu))
    cursor.fail("the length of tag EF is not in its shortest form");
  return length;
}

// 3c.
std::vector<Dgi> read_card_data(Cursor cursor, const RecordLayout& layout) {
  if (cursor.byte("tag") != kCardDataTag) cursor.fail("the data object's tag is not EF");
  Cursor object = cursor.part(read_ber_length(cursor, layout.object_length), "tag EF");
  std::vector<Dgi> dgis = read_dgis(object);
  cursor.expect_end();
  return dgis;
}

// 3d: MACkey, then MACINP as the 4 rightmost bytes.
void read_mac_block(Cursor& cursor, Application& application) {
  const ByteView block = cursor.sized(1, "3d");
  if (block.empty()) return;
  if (block.size() <= kMacSize) {
    cursor.fail("3d is too short for a MAC key and a MAC");
    return;
  }
  application.mac_key = to_bytes(block.first(block.size() - kMacSize));
  application.mac = to_bytes(block.last(kMacSize));
}

void read_application(Cursor cursor, Application& application, const RecordLayout& layout) {
  Cursor keys = cursor.sized_part(1, "3a.1");
  if (read_aid(keys) != application.aid) keys.fail("the AID differs from the one in section 2");
  application.transport_keys = read_transport_keys(keys.sized_part(1, "TKDATA"), layout);
  keys.expect_end();
  read_steps(cursor.sized_part(2, "3a.2"), application);
  application.log_data = to_bytes(cursor.sized(2, "LOGDATA"));
  application.dgis = read_card_data(cursor.sized_part(2, "3c"), layout);
  read_mac_block(cursor, application);
  cursor.expect_end();
}

}  // namespace

Expected<Record> parse_record(ByteView bytes, const RecordLayout& layout) {
  Cursor::Failure failure;
  Cursor cursor(bytes, "record", failure);
  Record record;
  record.layout_version = read_text(cursor, 4, "VNL");
  Cursor body = cursor.sized_part(2, "body");
  cursor.expect_end();
  read_section2(body.sized_part(2, "section 2"), record, layout);
  for (std::size_t i = 0; i < record.applications.size(); ++i)
    read_application(body.sized_part(2, "section 3 of application " + std::to_string(i + 1)),
                     record.applications[i], layout);
  body.expect_end();
  if (failure) return emvcrypto::fault("cps-record", *failure);
  return record;
}

}  // namespace cps
