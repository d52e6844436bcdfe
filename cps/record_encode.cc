#include <algorithm>
#include <span>
#include <stdexcept>

#include "cps/record_parts.h"

namespace cps {
namespace {

void require(bool holds, const char* otherwise) {
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
    if (id.size() != layout.product_id_length)
      throw std::invalid_argument("a PID must have " + std::to_string(layout.product_id_length) +
                                  " bytes");
    emvcrypto::append(to, id);
  }
}

/// Writes a length into its field. Throws std::length_error naming `field` when it is too long.
void write_size(std::span<std::uint8_t> to, std::size_t size, const char* field) {
  if (size > (std::size_t{1} << (8 * to.size())) - 1)
    throw std::length_error(std::string(field) + " is too long for its length field: " +
                            std::to_string(size) + " bytes");
  for (std::size_t i = to.size(); i-- > 0; size >>= 8) to[i] = static_cast<std::uint8_t>(size);
}

/// Appends what `write` appends, behind its length in `width` bytes.
template <typename Write>
void append_part(Bytes& to, std::size_t width, const char* field, const Write& write) {
  const std::size_t start = to.size() + width;
  emvcrypto::append_number(to, 0, width);
  write();
  write_size(std::span(to).subspan(start - width, width), to.size() - start, field);
}

// Fields 2.4-2.8.
void append_section2(Bytes& to, const Record& record, const RecordLayout& layout) {
  require(record.status.size() == 2 && is_printable(record.status),
          "STATUScoll is 2 ASCII characters");
  append_sized(to, record.reference, 1, "CRN");
  emvcrypto::append(to, emvcrypto::as_bytes(record.status));
  append_product_ids(to, record, layout);
  to.push_back(count_byte(record.applications.size(), "NUMBERaid"));
  for (const Application& application : record.applications) append_aid(to, application.aid);
}

void append_transport_keys(Bytes& to, const Application& application, const RecordLayout& layout) {
  if (application.transport_keys.empty()) return;
  to.push_back(kTransportKeyVersion);
  for (const TransportKeyUse& use : application.transport_keys) {
    if (use.key_id.size() != layout.key_id_length)
      throw std::invalid_argument("IDTK must have " + std::to_string(layout.key_id_length) +
                                  " bytes");
    emvcrypto::append(to, use.key_id);
    to.push_back(use.type);
    to.push_back(use.mode);
    to.push_back(count_byte(use.dgis.size(), "NUMBERdgi"));
    for (DgiId id : use.dgis) emvcrypto::append_number(to, id, 2);
  }
}

void append_step(Bytes& to, const Step& step) {
  emvcrypto::append(to, Bytes{step.action, step.required, step.tag});
  append_sized(to, encode_instructions(step.instructions), 2, "PDI");
  append_sized(to, step.pointer, 2, "POINTER");
}

// 3a.2 without its length.
void append_steps(Bytes& to, const Application& application) {
  append_sized(to, application.owner, 1, "IDOWNER");
  append_part(to, 2, "processing steps", [&] {
    for (const Step& step : application.steps)
      append_part(to, 1, "step", [&] { append_step(to, step); });
  });
}

// 3c without its length: tag EF, a BER length, the DGIs.
void append_card_data(Bytes& to, const Application& application, const RecordLayout& layout) {
  std::size_t length = 0;
  for (const Dgi& dgi : application.dgis) length += dgi_size(dgi);
  if (length > 0xFFFF) throw std::length_error("IC card data is longer than 65535 bytes");
  const bool two_bytes = layout.object_length == ObjectLength::long_form || length > 0xFF;
  to.push_back(kCardDataTag);
  if (two_bytes)
    to.push_back(0x82);
  else if (length > 0x7F)
    to.push_back(0x81);
  emvcrypto::append_number(to, length, two_bytes ? 2 : 1);
  for (const Dgi& dgi : application.dgis) append_dgi(to, dgi);
}

// 3a to 3c of one application.
void append_section3_body(Bytes& to, const Application& application, const RecordLayout& layout) {
  append_part(to, 1, "3a.1", [&] {
    append_aid(to, application.aid);
    append_part(to, 1, "TKDATA", [&] { append_transport_keys(to, application, layout); });
  });
  append_part(to, 2, "3a.2", [&] { append_steps(to, application); });
  append_sized(to, application.log_data, 2, "LOGDATA");
  append_part(to, 2, "IC card data", [&] { append_card_data(to, application, layout); });
}

// Length of 3d with its length byte; a MAC counts as soon as its key is there.
std::size_t mac_block_size(const Application& application) {
  return application.mac_key.empty() ? 1 : 1 + application.mac_key.size() + kMacSize;
}

// 3d.
void append_mac_block(Bytes& to, const Application& application) {
  require(application.mac_key.empty() == application.mac.empty(),
          "MACkey and MACINP come together or not at all");
  require(application.mac.empty() || application.mac.size() == kMacSize, "MACINP has 4 bytes");
  append_part(to, 1, "3d", [&] {
    emvcrypto::append(to, application.mac_key);
    emvcrypto::append(to, application.mac);
  });
}

// The length of section 3 counts its MAC, which is not there yet.
void append_section3_start(Bytes& to, const Application& application, const RecordLayout& layout) {
  constexpr std::size_t kWidth = 2;
  const std::size_t start = to.size() + kWidth;
  emvcrypto::append_number(to, 0, kWidth);
  append_section3_body(to, application, layout);
  write_size(std::span(to).subspan(start - kWidth, kWidth),
             to.size() - start + mac_block_size(application), "section 3");
}

/// Room for a record, so that it grows once at most.
std::size_t expected_size(const Record& record) {
  std::size_t size = 256;
  for (const Application& application : record.applications) {
    size += 256;
    for (const Dgi& dgi : application.dgis) size += dgi_size(dgi);
  }
  return size;
}

}  // namespace

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

void append_sized(Bytes& to, ByteView part, std::size_t width, const char* field) {
  const std::size_t start = to.size();
  emvcrypto::append_number(to, 0, width);
  write_size(std::span(to).subspan(start, width), part.size(), field);
  emvcrypto::append(to, part);
}

Bytes encode_record(const Record& record, const RecordLayout& layout) {
  require(record.layout_version.size() == 4 && is_printable(record.layout_version),
          "VNL is 4 ASCII characters");
  Bytes bytes;
  bytes.reserve(expected_size(record));
  emvcrypto::append(bytes, emvcrypto::as_bytes(record.layout_version));
  append_part(bytes, 2, "record", [&] {
    append_part(bytes, 2, "LHDR", [&] { append_section2(bytes, record, layout); });
    for (const Application& application : record.applications) {
      append_section3_start(bytes, application, layout);
      append_mac_block(bytes, application);
    }
  });
  return bytes;
}

Bytes mac_input(const Record& record, std::size_t index, const RecordLayout& layout) {
  const Application& own = record.applications.at(index);
  require(!own.mac_key.empty(), "the MAC key belongs into the record before its MAC is computed");
  Bytes input;
  input.reserve(expected_size(record));
  if (layout.mac_coverage == MacCoverage::section) {
    append_section3_body(input, own, layout);
  } else if (layout.mac_coverage == MacCoverage::data_object) {
    append_card_data(input, own, layout);
  } else {
    append_section2(input, record, layout);
    for (std::size_t i = 0; i <= index; ++i) {
      append_section3_start(input, record.applications[i], layout);
      if (i < index) append_mac_block(input, record.applications[i]);
    }
  }
  return input;
}

}  // namespace cps
