/// The bodies of the language's functions; see functions_dictionary.cc for what each gives.
/// Internal to kpd/expression.
#pragma once

#include "kpd/expression/expression.h"
#include "kpd/expression/functions.h"

namespace kpd::expression {

using Arguments = std::span<const std::string>;
using Result = emvcrypto::Expected<std::string>;
using Literals = std::span<const std::string* const>;

/// A fault of the language.
tl::unexpected<emvcrypto::Fault> refuse(std::string reason);

// text_functions.cc
Result upper(Arguments a);
Result lower(Arguments a);
Result trim(Arguments a);
Result squeeze(Arguments a);
Result len(Arguments a);
Result sub(Arguments a);
Result left(Arguments a);
Result right(Arguments a);
Result pad_left(Arguments a);
Result pad_right(Arguments a);
Result overlay(Arguments a);

// search_functions.cc
Result replace(Arguments a);
Result part(Arguments a);
Result join(Arguments a);
Result coalesce(Arguments a);
Result lookup(Arguments a);
std::string check_lookup(Literals a);
Result one_of(Arguments a);
Result starts_with(Arguments a);
Result ends_with(Arguments a);
Result contains(Arguments a);

// card_functions.cc
Result digits(Arguments a);
Result is_digits(Arguments a);
Result groups(Arguments a);
Result last4(Arguments a);
Result mask(Arguments a);
Result luhn(Arguments a);
Result luhn_ok(Arguments a);
Result hex(Arguments a);
Result unhex(Arguments a);

// date_functions.cc
Result date(Arguments a);
std::string check_date(Literals a);
Result mm_yy(Arguments a);
Result end_of_month(Arguments a);
Result add_months(Arguments a);

// number_functions.cc
Result number(Arguments a);
Result min(Arguments a);
Result max(Arguments a);
Result to_minor(Arguments a);
Result from_minor(Arguments a);

}  // namespace kpd::expression
