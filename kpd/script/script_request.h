/// What a script asks of whoever drives it, and the answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cps/apdu.h"
#include "cps/card.h"
#include "emvcrypto/derivation.h"

namespace kpd {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// A value that scripts handle without seeing it: the DGI of an application of the record, under
/// its transport key until it leaves for the card.
struct ScriptSecret {
  std::size_t application = 0;  ///< place in the record
  std::size_t dgi = 0;          ///< place in the application
};

/// A part of a command's data.
using ScriptData = std::variant<Bytes, ScriptSecret>;

/// card.send and channel.send.
struct SendRequest {
  cps::Command command;  ///< its data are empty: see parts
  std::vector<ScriptData> parts;
  bool secured = false;                      ///< through the channel
  std::string name;                          ///< for people: "CREATE FILE"
  std::vector<std::uint16_t> ok = {0x9000};  ///< the statuses with which the script goes on
  bool any = false;                          ///< it goes on whatever the status
};

/// card.transmit: bytes as they are, the answer as it comes.
struct TransmitRequest {
  Bytes command;
};

/// card.select.
struct SelectRequest {
  Bytes aid;
  std::vector<std::uint16_t> ok = {0x9000};
};

/// channel.open.
struct OpenRequest {
  std::string role;
  std::uint8_t key_version = 0;
  std::uint8_t level = 0;
};

/// channel.store: the STORE DATA commands of an application of the record.
struct StoreRequest {
  std::size_t application = 0;
  bool one_dgi = false;              ///< one DGI a command
  std::vector<std::uint16_t> first;  ///< DGIs that go before all others, in this order
  std::vector<std::uint16_t> last;   ///< DGIs that go behind all others, in this order
};

/// A chip's keys in a role, as scripts speak of them: never a value.
struct ScriptKeys {
  std::string role;
  Bytes key_data;  ///< 10 bytes; empty: what the chip says of itself by INITIALIZE UPDATE
};

/// channel.put_key: the three keys of a role become the card's.
struct PutKeyRequest {
  ScriptKeys keys;
  std::uint8_t version = 0;  ///< of the set that is replaced; 0: one more set
  std::uint8_t new_version = 0;
  std::uint8_t id = 1;  ///< of the first key
};

/// card.reset. Its answer's data are the new ATR.
struct ResetRequest {
  cps::Reset how = cps::Reset::cold;
};

/// hsm.encipher and hsm.mac: data under a card's key of a role that is for data.
struct CipherRequest {
  enum class Work { ecb, cbc, mac };
  ScriptKeys keys;
  emvcrypto::CardKey which = emvcrypto::CardKey::enc;
  Work work = Work::ecb;
  Bytes data;
};

using ScriptRequest = std::variant<SendRequest, TransmitRequest, SelectRequest, OpenRequest,
                                   StoreRequest, PutKeyRequest, ResetRequest, CipherRequest>;

/// What came of a request. A request that ended the card is not answered: its script ends there.
struct ScriptAnswer {
  Bytes data;
  std::uint16_t status = 0x9000;
};

}  // namespace kpd
