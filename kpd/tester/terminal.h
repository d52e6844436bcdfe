/// The terminal: reads a finished card and says whether it is right, and why not.
#pragma once

#include "cps/dialogue.h"
#include "kpd/tester/report.h"
#include "kpd/tester/request.h"

namespace kpd::tester {

/// The whole test of one card as a dialogue: PSE, then each application: selection, processing
/// options, records, comparison, data authentication, PIN, transaction. Whatever a card does ends
/// up in the report: the dialogue always ends, and throws only what a port throws. Drive it with
/// cps::drive or step by step.
cps::Dialogue<CardReport> test_card(TestRequest request);

}  // namespace kpd::tester
