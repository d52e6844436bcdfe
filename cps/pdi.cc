// Personalisation device instructions. CPS leaves the inside of ORDER and GROUP open; here each is
// a list of statements: one byte with the count of bytes that follow, then DGIs of two bytes.
#include <stdexcept>

#include "cps/record_parts.h"

namespace cps {
namespace {

using Statements = std::vector<std::vector<DgiId>>;

Bytes encode_list(std::span<const DgiId> dgis) {
  Bytes list;
  for (DgiId id : dgis) emvcrypto::append_number(list, id, 2);
  return list;
}

Bytes encode_statements(const Statements& statements, const char* field) {
  Bytes all;
  for (const auto& statement : statements) {
    if (statement.empty())
      throw std::invalid_argument(std::string("a statement of ") + field + " names no DGI");
    append_sized(all, encode_list(statement), 1, field);
  }
  return all;
}

std::vector<DgiId> read_list(Cursor& cursor) {
  std::vector<DgiId> dgis;
  while (!cursor.at_end()) dgis.push_back(static_cast<DgiId>(cursor.number(2, "DGI")));
  return dgis;
}

Statements read_statements(Cursor cursor) {
  Statements statements;
  while (!cursor.at_end()) {
    Cursor statement = cursor.sized_part(1, "statement");
    if (statement.at_end()) statement.fail("no DGI");
    statements.push_back(read_list(statement));
  }
  return statements;
}

std::vector<EncipheredDgi> read_enciphered(Cursor cursor) {
  std::vector<EncipheredDgi> list;
  while (!cursor.at_end()) {
    EncipheredDgi entry;
    entry.id = static_cast<DgiId>(cursor.number(2, "DGI"));
    entry.type = cursor.byte("type of encipherment");
    list.push_back(entry);
  }
  return list;
}

}  // namespace

Bytes encode_instructions(const DeviceInstructions& instructions) {
  Bytes enciphered;
  for (const EncipheredDgi& entry : instructions.enciphered) {
    emvcrypto::append_number(enciphered, entry.id, 2);
    enciphered.push_back(entry.type);
  }
  Bytes pdi;
  append_sized(pdi, encode_statements(instructions.order, "ORDER"), 2, "ORDER");
  append_sized(pdi, encode_list(instructions.version_control), 2, "VERCNTL");
  append_sized(pdi, enciphered, 2, "ENC");
  append_sized(pdi, instructions.random, 2, "RANDOM");
  append_sized(pdi, encode_statements(instructions.groups, "GROUP"), 2, "GROUP");
  pdi.push_back(instructions.security_level);
  pdi.push_back(instructions.update_cplc);
  return pdi;
}

DeviceInstructions read_instructions(Cursor& cursor) {
  DeviceInstructions instructions;
  instructions.order = read_statements(cursor.sized_part(2, "ORDER"));
  Cursor version_control = cursor.sized_part(2, "VERCNTL");
  instructions.version_control = read_list(version_control);
  instructions.enciphered = read_enciphered(cursor.sized_part(2, "ENC"));
  const ByteView random = cursor.sized(2, "RANDOM");
  instructions.random.assign(random.begin(), random.end());
  instructions.groups = read_statements(cursor.sized_part(2, "GROUP"));
  instructions.security_level = cursor.byte("SECLEV");
  instructions.update_cplc = cursor.byte("UPDATEcplc");
  cursor.expect_end();
  return instructions;
}

}  // namespace cps
