// Any text as a job's functions: loaded or refused, each function called with texts and stopped
// within its limits; what it gives is always the same.
#include <cstdlib>

#include "emvcrypto/bytes.h"
#include "kpd/expression/expression.h"
#include "kpd/expression/lua_functions.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const emvcrypto::Expected<std::string>& a, const emvcrypto::Expected<std::string>& b) {
  return a ? b && *a == *b : !b && a.error().reason == b.error().reason;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view script = emvcrypto::as_text({data, size});
  const auto loaded = kpd::LuaFunctions::load(script);
  if (!loaded) {
    require(!loaded.error().text.empty() && loaded.error().line >= 0);
    return 0;
  }
  kpd::LuaFunctions& functions = **loaded;
  const auto other = kpd::LuaFunctions::load(script);  // with another seed of its hashes
  require(other.has_value());
  const std::string subject = "PETROVA/Zo\xC3\xAB 4761739001010119";
  for (std::size_t i = 0; i < functions.functions().size(); ++i) {
    const std::vector<std::string> arguments(functions.functions()[i].parameters, subject);
    const auto value = functions.call(i, arguments);
    require(value ? value->size() <= kpd::Expression::kMaxResult
                  : value.error().code == "expression" && !value.error().reason.empty());
    require(same(functions.call(i, arguments), value));
    require(same((*other)->call(i, arguments), value));
  }
  return 0;
}
