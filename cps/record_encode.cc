#include <algorithm>
#include <limits>
#include <stdexcept>

#include "cps/record_parts.h"

namespace cps {
namespace {

void require(bool holds, const std::string& otherwise) {
  if (!holds) throw std::invalid_argument(otherwise);
}

std::uint8_t count_byte(std::size_t count, const char* field) {
  if (count > 0xFF) throw std::length_error(std::string(field) + " counts more than 255");
  return static_cast<std::uint8_t>(count);
}

void append_aid(Bytes& to, const Bytes& aid) {
  require(aid.size() >= kAidMin && aid.size() <= kAidMax, "an AID has 5 to 16 bytes");
  append_sized(to, aid, 1, "AID");
}

void append_product_ids(Bytes& to, const Record& record, const RecordLayout& layout) {
  to.push_back(count_byte(record.product_ids.size(), "NUMBERpid"));
  for (const Bytes& id : record.product_ids) {
    if (layout.product_id_length == 0) {
      append_sized(to, id, 1, "PID");
      continue;
    }
    require(id.size() == layout.product_id_length,
            "a PID must have " + std::to_string(layout.product_id_length) + " bytes");
    emvcrypto::append(to, id);
  }
}

// Fields 2.4-2.8.
Bytes encode_section2(const Record& record, const RecordLayout& layout) {
  require(record.status.size() == 2 && is_printable(record.status),
          "STATUScoll is 2 ASCII characters");
  Bytes header;
  append_sized(header, record.reference, 1, "CRN");
  emvcrypto::append(header, emvcrypto::as_bytes(record.status));
  append_product_ids(header, record, layout);
  header.push_back(count_byte(record.applications.size(), "NUMBERaid"));
  for (const Application& application : record.applications) append_aid(header, application.aid);
  return header;
}

Bytes encode_transport_keys(const Application& application, const RecordLayout& layout) {
  Bytes data;
  if (application.transport_keys.empty()) return data;
  data.push_back(kTransportKeyVersion);
  for (const TransportKeyUse& use : application.transport_keys) {
    require(use.key_id.size() == layout.key_id_length,
            "IDTK must have " + std::to_string(layout.key_id_length) + " bytes");
    emvcrypto::append(data, use.key_id);
    data.push_back(use.type);
    data.push_back(use.mode);
    data.push_back(count_byte(use.dgis.size(), "NUMBERdgi"));
    for (DgiId id : use.dgis) emvcrypto::append_number(data, id, 2);
  }
  return data;
}

Bytes encode_step(const Step& step) {
  Bytes bytes{step.action, step.required, step.tag};
  append_sized(bytes, encode_instructions(step.instructions), 2, "PDI");
  append_sized(bytes, step.pointer, 2, "POINTER");
  return bytes;
}

// 3a.2 without its length.
Bytes encode_steps(const Application& application) {
  Bytes steps;
  for (const Step& step : application.steps) append_sized(steps, encode_step(step), 1, "step");
  Bytes bytes;
  append_sized(bytes, application.owner, 1, "IDOWNER");
  append_sized(bytes, steps, 2, "processing steps");
  return bytes;
}

// 3c without its length: tag EF, a BER length, the DGIs.
Bytes encode_card_data(const Application& application, const RecordLayout& layout) {
  Bytes dgis;
  for (const Dgi& dgi : application.dgis) append_dgi(dgis, dgi);
  if (dgis.size() > 0xFFFF) throw std::length_error("IC card data is longer than 65535 bytes");
  const bool two_bytes = layout.object_length == ObjectLength::long_form || dgis.size() > 0xFF;
  Bytes object{kCardDataTag};
  if (two_bytes)
    object.push_back(0x82);
  else if (dgis.size() > 0x7F)
    object.push_back(0x81);
  emvcrypto::append_number(object, dgis.size(), two_bytes ? 2 : 1);
  emvcrypto::append(object, dgis);
  return object;
}

// 3a to 3c of one application.
Bytes encode_section3_body(const Application& application, const RecordLayout& layout) {
  Bytes keys;
  append_aid(keys, application.aid);
  append_sized(keys, encode_transport_keys(application, layout), 1, "TKDATA");
  Bytes body;
  append_sized(body, keys, 1, "3a.1");
  append_sized(body, encode_steps(application), 2, "3a.2");
  append_sized(body, application.log_data, 2, "LOGDATA");
  append_sized(body, encode_card_data(application, layout), 2, "IC card data");
  return body;
}

// Length of 3d with its length byte; a MAC counts as soon as its key is there.
std::size_t mac_block_size(const Application& application) {
  return application.mac_key.empty() ? 1 : 1 + application.mac_key.size() + kMacSize;
}

// 3d.
Bytes encode_mac_block(const Application& application) {
  require(application.mac_key.empty() == application.mac.empty(),
          "MACkey and MACINP come together or not at all");
  require(application.mac.empty() || application.mac.size() == kMacSize, "MACINP has 4 bytes");
  Bytes block;
  append_sized(block, emvcrypto::concat({application.mac_key, application.mac}), 1, "3d");
  return block;
}

void append_section3_start(Bytes& to, const Application& application, const RecordLayout& layout) {
  const Bytes body = encode_section3_body(application, layout);
  const std::size_t length = body.size() + mac_block_size(application);
  if (length > 0xFFFF) throw std::length_error("section 3 is longer than 65535 bytes");
  emvcrypto::append_number(to, length, 2);
  emvcrypto::append(to, body);
}

}  // namespace

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

void append_sized(Bytes& to, ByteView part, std::size_t width, const char* field) {
  if (part.size() > (std::size_t{1} << (8 * width)) - 1)
    throw std::length_error(std::string(field) + " is too long for its length field: " +
                            std::to_string(part.size()) + " bytes");
  emvcrypto::append_number(to, part.size(), width);
  emvcrypto::append(to, part);
}

Bytes encode_record(const Record& record, const RecordLayout& layout) {
  require(record.layout_version.size() == 4 && is_printable(record.layout_version),
          "VNL is 4 ASCII characters");
  Bytes inner;
  append_sized(inner, encode_section2(record, layout), 2, "LHDR");
  for (const Application& application : record.applications) {
    append_section3_start(inner, application, layout);
    emvcrypto::append(inner, encode_mac_block(application));
  }
  Bytes bytes;
  emvcrypto::append(bytes, emvcrypto::as_bytes(record.layout_version));
  append_sized(bytes, inner, 2, "record");
  return bytes;
}

Bytes mac_input(const Record& record, std::size_t index, const RecordLayout& layout) {
  const Application& own = record.applications.at(index);
  require(!own.mac_key.empty(), "the MAC key belongs into the record before its MAC is computed");
  if (layout.mac_coverage == MacCoverage::section) return encode_section3_body(own, layout);
  if (layout.mac_coverage == MacCoverage::data_object) return encode_card_data(own, layout);
  Bytes input = encode_section2(record, layout);
  for (std::size_t i = 0; i <= index; ++i) {
    append_section3_start(input, record.applications[i], layout);
    if (i < index) emvcrypto::append(input, encode_mac_block(record.applications[i]));
  }
  return input;
}

}  // namespace cps
