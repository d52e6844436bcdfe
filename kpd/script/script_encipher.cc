// hsm.encipher and hsm.mac.
#include <stdexcept>

#include "kpd/script/script_visit.h"

namespace kpd::script {

Answer encipher(Visit& visit, const CipherRequest& request) {
  const Bytes& key_data =
      request.keys.key_data.empty() ? visit.load.key_data : request.keys.key_data;
  const cps::DataKey key{request.keys.role, key_data, request.which};
  cps::KeyService& keys = visit.load.keys;
  try {
    if (request.work == CipherRequest::Work::mac)
      return ScriptAnswer{keys.mac_data(key, request.data)};
    return ScriptAnswer{
        keys.encipher_data(key, request.work == CipherRequest::Work::cbc, request.data)};
  } catch (const std::invalid_argument& error) {
    return at_fault(visit, error.what());
  }
}

}  // namespace kpd::script
