/// One step of a remote client, taken on a slot of this host; and the bounds that steps and their
/// answers have on both sides.
#pragma once

#include <chrono>
#include <stdexcept>

#include "cps/slot.h"
#include "kpd/remote/station.pb.h"

namespace kpd {

constexpr std::uint32_t kStationProtocol = 1;
constexpr std::size_t kRemoteIdSize = 16;
constexpr std::size_t kMostCommandBytes = 65'544;  ///< an extended APDU (ISO/IEC 7816-4, 5.2)
constexpr std::size_t kMostResponseBytes = 65'538;
constexpr std::size_t kMostAtrBytes = 33;  ///< ISO/IEC 7816-3, 8.2
constexpr std::size_t kMostDetailBytes = 1000;
constexpr std::size_t kMostReaderName = 256;
constexpr std::size_t kMostReaders = 256;
constexpr int kMostMessageBytes = 128 * 1024;
constexpr std::chrono::milliseconds kLongestWait{10'000};  ///< longer ones are cut by the client
constexpr std::chrono::milliseconds kLongestCommand{600'000};

/// A request that no client of ours sends.
class BadStep : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws BadStep when a step has no action or its sizes and times are out of bounds.
void check_step(const remote::StepRequest& request);

/// Takes a checked step. Whatever the slot throws is an answer.
remote::StepAnswer step_on_slot(cps::Slot& slot, const remote::StepRequest& request);

/// Whether this is an answer that the step can have.
bool fits(const remote::StepAnswer& answer, const remote::StepRequest& request);

/// Text of the other side without control characters, shortened: it comes to terminals and logs.
std::string told_text(const std::string& text);

}  // namespace kpd
