#include "kpd/chip/store_data.h"

#include <algorithm>

namespace kpd::chip {
namespace {

constexpr std::uint8_t kEnciphermentBits = 0x60;
constexpr std::uint8_t kReservedEncipherment = 0x40;
constexpr std::uint8_t kFormatBits = 0x18;
constexpr std::uint8_t kFormatDgi = 0x08;
constexpr std::uint8_t kOtherBits = 0x07;

bool parameters_are_known(std::uint8_t p1) {
  const std::uint8_t format = p1 & kFormatBits;
  return (p1 & kEnciphermentBits) != kReservedEncipherment &&
         (format == 0 || format == kFormatDgi) && (p1 & kOtherBits) == 0;
}

}  // namespace

Status BlockReader::take(const Command& command, ByteView plain,
                         const std::function<Status(const ReceivedDgi&)>& sink) {
  if (!parameters_are_known(command.p1) || command.p2 != next_number_) return sw::wrong_parameters;
  const auto encipherment = static_cast<Encipherment>(command.p1 & kEnciphermentBits);
  if (pending_ && encipherment != dgi_.encipherment) return sw::wrong_parameters;
  const Status status = take_list(plain, encipherment, is_last(command), sink);
  if (status != sw::ok) pending_ = false;
  if (status == sw::ok || status == sw::data_not_found) ++next_number_;
  return status;
}

Status BlockReader::take_list(ByteView rest, Encipherment encipherment, bool last,
                              const std::function<Status(const ReceivedDgi&)>& sink) {
  if (rest.empty() && !last) return sw::wrong_data;
  for (bool first = true; !rest.empty(); first = false) {
    if (!first && one_dgi_) return sw::wrong_data;
    if (!pending_)
      if (const Status status = begin(rest, encipherment, last); status != sw::ok) return status;
    if (const Status status = fill(rest, sink); status != sw::ok) return status;
  }
  return last && pending_ ? sw::wrong_parameters : sw::ok;
}

Status BlockReader::begin(ByteView& rest, Encipherment encipherment, bool last) {
  if (rest.size() < 3) return sw::wrong_data;
  dgi_ = {static_cast<DgiId>(emvcrypto::to_number(rest.first(2))), {}, encipherment};
  missing_ = rest[2];
  rest = rest.subspan(3);
  if (missing_ == 0xFF) {
    if (rest.size() < 2) return sw::wrong_data;
    missing_ = emvcrypto::to_number(rest.first(2));
    if (missing_ == 0xFFFF) return sw::wrong_data;
    rest = rest.subspan(2);
  }
  pending_ = true;
  return dgi_.id == kCompletionDgi && !last ? sw::wrong_data : sw::ok;
}

Status BlockReader::fill(ByteView& rest, const std::function<Status(const ReceivedDgi&)>& sink) {
  const std::size_t part = std::min(missing_, rest.size());
  emvcrypto::append(dgi_.value, rest.first(part));
  rest = rest.subspan(part);
  missing_ -= part;
  if (missing_ > 0) return sw::ok;
  pending_ = false;
  return sink(dgi_);
}

}  // namespace kpd::chip
