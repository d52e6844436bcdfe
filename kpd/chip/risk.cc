/// Card risk management (EMV 4.4 Book 3, 10.8-10.11): a request is only ever tightened, by what was
/// personalised:
///
/// - 9F58 or 9F14, lower consecutive offline limit: beyond it the chip wants to go online.
/// - 9F59 or 9F23, upper limit: beyond it, when the terminal cannot go online, it declines.
/// - 9F52, application default action. Byte 1: b8 after a failed issuer authentication the next
///   transaction goes online, b7 a failed one declines, b6 a mandatory one that did not take place
///   declines, b2 a new chip goes online, b1 a new chip declines when it cannot. Byte 2: b4 after a
///   failed script the next transaction goes online. Without 9F52 the chip takes C0 00: an issuer
///   that failed to prove itself is not obeyed.
/// - 9F56, b8: issuer authentication is mandatory; without 9F56 it is, and 9F52 decides.
#include <algorithm>

#include "kpd/chip/payment_application.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kNextOnlineAfterFailure = 0x80;
constexpr std::uint8_t kDeclineAfterFailure = 0x40;
constexpr std::uint8_t kDeclineWhenMissing = 0x20;
constexpr std::uint8_t kNewGoesOnline = 0x02;
constexpr std::uint8_t kNewDeclinesOffline = 0x01;
constexpr std::uint8_t kNextOnlineAfterScriptFailure = 0x08;  // byte 2
constexpr std::uint8_t kWithoutDefaultAction = kNextOnlineAfterFailure | kDeclineAfterFailure;
constexpr std::uint8_t kMandatory = 0x80;       // 9F56
constexpr std::uint8_t kIssuerApproves = 0x80;  // CSU byte 2
constexpr std::uint8_t kGoOnlineNext = 0x08;    // CSU byte 2

AcType tighter(AcType a, AcType b) {
  const auto rank = [](AcType type) {
    return type == AcType::tc ? 0 : type == AcType::arqc ? 1 : 2;
  };
  return rank(a) > rank(b) ? a : b;
}

}  // namespace

std::uint8_t PaymentApplication::default_action(std::size_t byte) const {
  const auto found = data_.objects.find(0x9F52);
  if (found == data_.objects.end()) return byte == 0 ? kWithoutDefaultAction : 0;
  return byte < found->second.size() ? found->second[byte] : 0;
}

std::optional<std::uint8_t> PaymentApplication::limit(Tag tag, Tag other) const {
  for (const Tag candidate : {tag, other}) {
    const auto found = data_.objects.find(candidate);
    if (found != data_.objects.end() && !found->second.empty()) return found->second[0];
  }
  return std::nullopt;
}

/// Transactions since the last online one, this one included.
unsigned PaymentApplication::consecutive_offline() const {
  return data_.atc > data_.last_online_atc ? unsigned{data_.atc} - data_.last_online_atc : 0U;
}

bool PaymentApplication::beyond_lower_limit() const {
  const auto lower = limit(0x9F58, 0x9F14);
  return lower && consecutive_offline() > *lower;
}

bool PaymentApplication::beyond_upper_limit() const {
  const auto upper = limit(0x9F59, 0x9F23);
  return upper && consecutive_offline() > *upper;
}

bool PaymentApplication::issuer_authentication_is_missing() const {
  const auto indicator = data_.objects.find(0x9F56);
  const bool mandatory =
      indicator == data_.objects.end() || (indicator->second[0] & kMandatory) != 0;
  return mandatory && tx_.issuer == Transaction::IssuerAuthentication::none;
}

AcType PaymentApplication::decide_first(AcType requested) const {
  if (data_.blocked) return AcType::aac;
  const bool online =
      data_.online_unfinished || data_.go_online || beyond_lower_limit() || beyond_upper_limit() ||
      (data_.issuer_authentication_failed && (default_action(0) & kNextOnlineAfterFailure) != 0) ||
      (is_new() && (default_action(0) & kNewGoesOnline) != 0) ||
      (data_.script_failed && (default_action(1) & kNextOnlineAfterScriptFailure) != 0);
  return tighter(requested, online ? AcType::arqc : AcType::tc);
}

AcType PaymentApplication::decide_second_offline(AcType requested) const {
  const bool decline = requested != AcType::tc || data_.blocked || beyond_upper_limit() ||
                       (is_new() && (default_action(0) & kNewDeclinesOffline) != 0);
  return decline ? AcType::aac : AcType::tc;
}

AcType PaymentApplication::decide_second_online(AcType requested) const {
  const bool failed = tx_.issuer == Transaction::IssuerAuthentication::failed;
  const bool refused = tx_.csu.size() == 4 && (tx_.csu[1] & kIssuerApproves) == 0;
  const bool decline =
      requested != AcType::tc || data_.blocked || refused ||
      (failed && (default_action(0) & kDeclineAfterFailure) != 0) ||
      (issuer_authentication_is_missing() && (default_action(0) & kDeclineWhenMissing) != 0);
  return decline ? AcType::aac : AcType::tc;
}

/// What an online transaction leaves behind: the counters start anew unless the issuer failed to
/// prove itself.
void PaymentApplication::finish_online() {
  const bool failed = tx_.issuer == Transaction::IssuerAuthentication::failed;
  const bool missing =
      issuer_authentication_is_missing() && (default_action(0) & kDeclineWhenMissing) != 0;
  data_.issuer_authentication_failed = failed || missing;
  if (failed || missing) return;
  data_.last_online_atc = data_.atc;
  data_.go_online = tx_.csu.size() == 4 && (tx_.csu[1] & kGoOnlineNext) != 0;
  if (!tx_.scripts_begun) {
    data_.scripts = 0;
    data_.script_failed = false;
  }
}

}  // namespace kpd::chip
