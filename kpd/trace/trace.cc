#include "kpd/trace/trace.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr std::size_t kHeaderSize = 4;

std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Bytes bytes_in(const Json& json, const char* name) {
  const auto bytes = emvcrypto::parse_hex(json.at(name).get<std::string>());
  if (!bytes) throw std::invalid_argument(std::string(name) + " is not hexadecimal");
  return *bytes;
}

Json head_json(const TraceHead& head) {
  return {{"kpd_trace", kFormat},
          {"script", head.script},
          {"script_sha256", emvcrypto::to_hex(head.script_digest)},
          {"record", head.record},
          {"record_id", head.record_id},
          {"product", head.product},
          {"test", head.test},
          {"one_dgi", head.one_dgi},
          {"stripped", head.stripped},
          {"atr", emvcrypto::to_hex(head.atr)}};
}

TraceHead head_from(const Json& json) {
  if (json.value("kpd_trace", 0) != kFormat) throw std::invalid_argument("it is no trace");
  return {json.at("script"),    bytes_in(json, "script_sha256"),
          json.at("record"),    json.at("record_id"),
          json.at("product"),   json.at("test"),
          json.at("one_dgi"),   json.at("stripped"),
          bytes_in(json, "atr")};
}

void add_response(Json& json, const TraceStep& step) {
  if (step.response.kind == cps::Response::Kind::answered)
    json["response"] = emvcrypto::to_hex(step.response.bytes);
  else
    json[step.response.kind == cps::Response::Kind::lost ? "lost" : "broken"] =
        step.response.detail;
  json["took"] = step.took;
}

Json step_json(const TraceStep& step, bool stripped) {
  Json json{{"at", step.at}};
  if (step.is_challenge()) {
    json["challenge"] = emvcrypto::to_hex(step.challenge);
    return json;
  }
  if (const Bytes* command = std::get_if<Bytes>(&step.request))
    json["command"] = emvcrypto::to_hex(*command);
  else
    json["reset"] = std::get<cps::Reset>(step.request) == cps::Reset::cold ? "cold" : "warm";
  add_response(json, step);
  if (stripped) {
    json["command_rest"] = step.command_rest;
    json["response_data"] = step.response_data;
  }
  return json;
}

TraceStep step_from(const Json& json) {
  TraceStep step;
  step.at = json.at("at");
  if (json.contains("challenge")) {
    step.challenge = bytes_in(json, "challenge");
    return step;
  }
  if (json.contains("command"))
    step.request = bytes_in(json, "command");
  else
    step.request = json.at("reset") == "cold" ? cps::Reset::cold : cps::Reset::warm;
  if (json.contains("lost"))
    step.response = {cps::Response::Kind::lost, {}, json.at("lost")};
  else if (json.contains("broken"))
    step.response = {cps::Response::Kind::broken, {}, json.at("broken")};
  else
    step.response.bytes = bytes_in(json, "response");
  step.took = json.at("took");
  step.command_rest = json.value("command_rest", std::size_t{0});
  step.response_data = json.value("response_data", std::size_t{0});
  return step;
}

Json end_json(const TraceEnd& end) {
  return {{"outcome", end.outcome},
          {"status", fmt::format("{:04X}", end.status)},
          {"command", end.command},
          {"detail", end.detail}};
}

TraceEnd end_from(const Json& json) {
  return {json.at("outcome"),
          static_cast<std::uint16_t>(emvcrypto::to_number(bytes_in(json, "status"))),
          json.at("command"), json.at("detail")};
}

void read_line(Trace& trace, bool first, const std::string& text) {
  const Json json = Json::parse(text);
  if (first)
    trace.head = head_from(json);
  else if (json.contains("outcome"))
    trace.end = end_from(json);
  else
    trace.steps.push_back(step_from(json));
}

}  // namespace

TraceEnd end_of(const cps::LoadResult& result) {
  return {cps::outcome_name(result.outcome), result.status, result.command, result.detail};
}

void strip(Trace& trace) {
  trace.head.stripped = true;
  trace.head.record_id.clear();
  std::erase_if(trace.steps, [](const TraceStep& step) { return step.is_challenge(); });
  for (TraceStep& step : trace.steps) {
    auto* command = std::get_if<Bytes>(&step.request);
    if (command == nullptr) continue;
    if (command->size() > kHeaderSize) {
      step.command_rest = command->size() - kHeaderSize;
      command->resize(kHeaderSize);
    }
    Bytes& answer = step.response.bytes;
    if (answer.size() > 2) {
      step.response_data = answer.size() - 2;
      answer.erase(answer.begin(), answer.end() - 2);
    }
  }
  if (trace.end) trace.end->detail.clear();
}

void write_trace(const Trace& trace, std::ostream& out) {
  out << compact(head_json(trace.head)) << "\n";
  for (const TraceStep& step : trace.steps)
    out << compact(step_json(step, trace.head.stripped)) << "\n";
  if (trace.end) out << compact(end_json(*trace.end)) << "\n";
}

Trace read_trace(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in || !std::filesystem::is_regular_file(file))
    throw Failure(ExitCode::io, file.string() + ": the trace cannot be read");
  Trace trace;
  std::string line;
  std::size_t number = 0;
  while (std::getline(in, line)) {
    ++number;
    try {
      read_line(trace, number == 1, line);
    } catch (const std::exception& error) {
      throw Failure(ExitCode::usage, fmt::format("{}, line {}: not of a trace: {}", file.string(),
                                                 number, error.what()));
    }
  }
  if (number == 0) throw Failure(ExitCode::usage, file.string() + ": the trace is empty");
  return trace;
}

}  // namespace kpd
