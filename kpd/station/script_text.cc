#include "kpd/station/script_text.h"

#include "kpd/inspect/mask.h"

namespace kpd {

std::string masked_script_text(const cps::Record& record, const std::string& text) {
  inspect::Mask mask;
  for (const cps::Application& application : record.applications)
    for (const cps::Dgi& dgi : application.dgis) mask.learn(dgi.value);
  return mask.text(text);
}

}  // namespace kpd
