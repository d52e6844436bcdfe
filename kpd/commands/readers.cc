#include "kpd/commands/readers.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/pcsc/pcsc_card.h"

namespace kpd {

void ReaderArguments::add_to(CLI::App& command) {
  command.add_option("--reader", names, "A reader, or a part of its name (default: all readers)");
  command.add_flag("--conveyor", conveyor,
                   "The reader presents the next card on a cold reset (virtual chips, machines)");
}

std::vector<SlotPlace> ReaderArguments::chosen() const {
  const auto all = list_readers();
  if (all.empty())
    throw Failure(ExitCode::away,
                  "no card reader is connected (for virtual ones: kpd chip --help)");
  std::vector<SlotPlace> some;
  for (const std::string& reader : all)
    if (names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& part) {
          return reader.find(part) != reader.npos;
        }))
      some.push_back({reader, [reader] { return std::make_unique<PcscCard>(reader); }});
  if (some.empty())
    throw Failure(ExitCode::away,
                  fmt::format("no reader is called so; there are: {}", fmt::join(all, ", ")));
  return some;
}

}  // namespace kpd
