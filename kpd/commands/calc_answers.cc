#include "kpd/commands/calc_answers.h"

#include <fmt/format.h>

#include <iostream>

#include "kpd/calc/catalogue.h"
#include "kpd/calc/render.h"
#include "kpd/calc/request.h"
#include "kpd/commands/command.h"

namespace kpd {

using calc::Answer;
using calc::Function;
using calc::Parameter;

namespace {

/// All that the command line says, files and descriptors read, secrets asked for.
calc::GivenValues values_of(const CalcCall& call) {
  calc::GivenValues values;
  if (call.function == nullptr) return values;
  for (const Parameter& parameter : call.function->parameters) {
    if (parameter.kind == calc::Kind::truth) {
      if (call.switches.at(parameter.name))
        values[std::string(parameter.name)].push_back(calc::given_in_clear("true"));
      continue;
    }
    auto given = read_values(parameter, call.sources.at(parameter.name));
    if (!given.empty()) values[std::string(parameter.name)] = std::move(given);
  }
  return values;
}

/// What the command line says holds for what a request does not.
void add_absent(calc::GivenValues& values, const calc::GivenValues& more) {
  for (const auto& [name, given] : more) {
    const auto [place, is_new] = values.try_emplace(name);
    if (!is_new) continue;
    for (const calc::Given& value : given)
      place->second.push_back({value.text.duplicate(), value.in_clear});
  }
}

/// The function that a request is for.
calc::Expected<const Function*> function_of(const calc::Request& request, const Function* said) {
  if (said == nullptr) {
    if (request.function.empty())
      return calc::usage("the member \"function\" is missing: it names what to calculate");
    return calc::find_function(request.function);
  }
  if (!request.function.empty() && request.function != said->name)
    return calc::usage(fmt::format("the request is for another function than '{}'", said->name));
  return said;
}

void finish_output() {
  if (!std::cout.flush()) throw Failure(ExitCode::io, "the output cannot be written to its end");
}

}  // namespace

ExitCode answer_requests(const CalcCall& call) {
  const calc::GivenValues common = values_of(call);
  ExitCode code = ExitCode::done;
  std::size_t count = 0;
  std::size_t failed = 0;
  for (auto& request : calc::parse_requests(read_calc_input(call.in))) {
    Answer answer;
    std::string name(call.function ? call.function->name : "");
    const auto function =
        request ? function_of(*request, call.function) : tl::unexpected(request.error());
    if (function) {
      name = (*function)->name;
      add_absent(request->values, common);
      answer = calc::calculate(**function, request->values, call.disclosure);
    } else {
      answer.fault = function.error();
    }
    std::cout << calc::render_json(name, answer) << '\n';
    ++count;
    if (!answer.fault) continue;
    ++failed;
    if (code != ExitCode::usage) code = answer.is_usage() ? ExitCode::usage : ExitCode::hold;
  }
  finish_output();
  if (failed > 0) say(fmt::format("kpd: {} of {} requests failed", failed, count));
  return code;
}

ExitCode answer_one(const CalcCall& call, bool json) {
  const Answer answer = calc::calculate(*call.function, values_of(call), call.disclosure);
  if (json)
    std::cout << calc::render_json(call.function->name, answer) << '\n';
  else
    std::cout << calc::render_text(answer.items);
  finish_output();
  if (!answer.fault) return ExitCode::done;
  throw Failure(answer.is_usage() ? ExitCode::usage : ExitCode::hold,
                fmt::format("calc {}: {}", call.function->name, answer.fault->reason));
}

}  // namespace kpd
