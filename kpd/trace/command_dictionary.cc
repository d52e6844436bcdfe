#include "kpd/trace/command_dictionary.h"

#include <algorithm>
#include <array>

namespace kpd {
namespace {

struct Entry {
  bool proprietary;  ///< b8 of the class
  std::uint8_t ins;
  std::string_view name;
};

constexpr std::array kCommands = {Entry{false, 0x20, "VERIFY"},
                                  Entry{false, 0x82, "EXTERNAL AUTHENTICATE"},
                                  Entry{false, 0x84, "GET CHALLENGE"},
                                  Entry{false, 0x88, "INTERNAL AUTHENTICATE"},
                                  Entry{false, 0xA4, "SELECT"},
                                  Entry{false, 0xB0, "READ BINARY"},
                                  Entry{false, 0xB2, "READ RECORD"},
                                  Entry{false, 0xC0, "GET RESPONSE"},
                                  Entry{false, 0xCA, "GET DATA"},
                                  Entry{false, 0xD6, "UPDATE BINARY"},
                                  Entry{false, 0xDC, "UPDATE RECORD"},
                                  Entry{false, 0xE0, "CREATE FILE"},
                                  Entry{false, 0xE2, "APPEND RECORD"},
                                  Entry{true, 0x50, "INITIALIZE UPDATE"},
                                  Entry{true, 0x82, "EXTERNAL AUTHENTICATE"},
                                  Entry{true, 0xA8, "GET PROCESSING OPTIONS"},
                                  Entry{true, 0xAE, "GENERATE AC"},
                                  Entry{true, 0xCA, "GET DATA"},
                                  Entry{true, 0xD8, "PUT KEY"},
                                  Entry{true, 0xE2, "STORE DATA"},
                                  Entry{true, 0xE4, "DELETE"},
                                  Entry{true, 0xE6, "INSTALL"},
                                  Entry{true, 0xE8, "LOAD"},
                                  Entry{true, 0xF0, "SET STATUS"},
                                  Entry{true, 0xF2, "GET STATUS"}};

}  // namespace

std::string_view command_name(emvcrypto::ByteView command) {
  if (command.size() < 2) return "command";
  const bool proprietary = (command[0] & 0x80) != 0;
  const auto found = std::ranges::find_if(kCommands, [&](const Entry& entry) {
    return entry.proprietary == proprietary && entry.ins == command[1];
  });
  return found == kCommands.end() ? "command" : found->name;
}

}  // namespace kpd
