// Any bytes as requests to the calculator: each is answered, every answer is JSON, and no fault
// tells a secret.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "kpd/calc/catalogue.h"
#include "kpd/calc/render.h"
#include "kpd/calc/request.h"

using namespace kpd::calc;

namespace {

constexpr std::size_t kTellingSize = 8;  ///< shorter values may stand in a message by chance

void require(bool holds) {
  if (!holds) std::abort();
}

void require_no_secret(const Function& function, const GivenValues& values,
                       const std::string& reason) {
  for (const Parameter& parameter : function.parameters) {
    const auto found = values.find(parameter.name);
    if (!parameter.secret() || found == values.end()) continue;
    for (const Given& given : found->second) {
      const auto text = emvcrypto::as_text(given.text.expose());
      if (text.size() >= kTellingSize && text.find_first_of("0123456789") != text.npos)
        require(reason.find(text) == std::string::npos);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto& request : parse_requests(emvcrypto::as_text({data, size}))) {
    if (!request) continue;
    const auto function = find_function(request->function);
    if (!function) continue;
    const Answer answer = calculate(**function, request->values, {true, false});
    if (answer.fault) require_no_secret(**function, request->values, answer.fault->reason);
    require(nlohmann::json::accept(render_json((*function)->name, answer)));
    render_text(answer.items);
  }
  return 0;
}
