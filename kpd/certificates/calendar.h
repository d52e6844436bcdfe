/// Days between dates.
#pragma once

#include <chrono>

#include "emvcrypto/dates.h"

namespace kpd {

/// Days from one day to another; negative when the other is before.
inline int days_between(const emvcrypto::Date& from, const emvcrypto::Date& to) {
  const auto serial = [](const emvcrypto::Date& date) {
    return std::chrono::sys_days(std::chrono::year(date.year) / static_cast<unsigned>(date.month) /
                                 static_cast<unsigned>(date.day));
  };
  return static_cast<int>((serial(to) - serial(from)).count());
}

}  // namespace kpd
