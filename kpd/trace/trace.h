/// A script's session with a card, as it was: what was asked, what was answered, when.
#pragma once

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cps/dialogue.h"
#include "cps/load_result.h"

namespace kpd {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// Which session it is.
struct TraceHead {
  std::string script;        ///< its name
  Bytes script_digest;       ///< SHA-256 of its text
  std::uint64_t record = 0;  ///< in the file, from 1
  std::string record_id, product;
  bool test = false;      ///< the file is of a test job
  bool one_dgi = false;   ///< the chip takes one DGI a command
  bool stripped = false;  ///< headers, lengths and statuses alone: nothing to replay
  Bytes atr;
};

/// The host's challenge, or what the card was asked.
struct TraceStep {
  std::uint64_t at = 0;    ///< microseconds from the session's begin
  std::uint64_t took = 0;  ///< microseconds until the answer
  Bytes challenge;         ///< when it is one; the rest is empty then
  cps::CardRequest request;
  cps::Response response;
  /// Of a stripped one: bytes that stood behind the command's header and before its status word.
  std::size_t command_rest = 0, response_data = 0;

  bool is_challenge() const { return !challenge.empty(); }
};

/// How the session ended.
struct TraceEnd {
  std::string outcome;  ///< cps::outcome_name
  std::uint16_t status = 0;
  std::string command, detail;
};

struct Trace {
  TraceHead head;
  std::vector<TraceStep> steps;
  std::optional<TraceEnd> end;  ///< nothing: the host failed
};

TraceEnd end_of(const cps::LoadResult& result);

/// Takes away all data, for those who may not see the cardholder's.
void strip(Trace& trace);

/// JSON lines: head, steps, end.
void write_trace(const Trace& trace, std::ostream& out);

/// Throws Failure(io), or Failure(usage) with the line of what is no trace.
Trace read_trace(const std::filesystem::path& file);

}  // namespace kpd
