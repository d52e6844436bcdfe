#include "kpd/inspect/inspect_card_file.h"

#include <fmt/format.h>

#include "cps/card_source.h"
#include "kpd/exit_code.h"
#include "kpd/inspect/decode_format.h"

namespace kpd::inspect {
namespace {

Node decode_header(const cps::FileHeader& header) {
  Node node = branch("header", "", "Card file");
  node.add(field("run", "run", header.run));
  node.add(field("job", "job", header.job));
  node.add(field("plan", "plan", header.plan_digest));
  node.add(field("date", "date", header.date));
  node.add(field("test", "test data", header.test ? "yes" : "no"));
  node.add(field("chip-module", "chip module", header.chip_mic));
  for (Node& child : decode_format(header)) node.add(std::move(child));
  Node keys = branch("keys", "", "keys");
  if (header.keys.empty()) keys.value = "none";
  for (const cps::WrappedKey& key : header.keys) keys.add(decode_wrapped_key(key));
  node.add(std::move(keys));
  return node;
}

/// The trailer of a file that was read to its end: the reader has checked it.
Node decode_trailer(const cps::FileTrailer& trailer) {
  Node node = branch("trailer", "", "Trailer");
  node.add(field("read", "read", std::to_string(trailer.read)));
  node.add(field("records", "records", std::to_string(trailer.records), "as in the file"));
  node.add(field("rejected", "rejected", std::to_string(trailer.rejected)));
  Node& digest = node.add(field("digest", "digest", trailer.digest, "agrees with the file"));
  digest.mood = Node::Mood::good;
  node.add(field("mac", "MAC", trailer.mac.empty() ? "none" : emvcrypto::to_hex(trailer.mac)));
  return node;
}

std::string text_of(const Bytes& content) {
  return std::string(emvcrypto::as_text(content));
}

std::string text_of(const Bytes* content) {
  return content ? text_of(*content) : std::string();
}

Node decode_module(const cps::Module& module, const Mask& mask) {
  const std::string text = text_of(module.content);
  Node node = branch("module", module.mic, "");
  if (text.empty()) {
    node.value = "empty";
  } else if (printable(text) != text) {
    node.value = byte_count(text.size()) + ", not text";
  } else {
    node.value = mask.module(text);
    node.masked = node.value != text;
  }
  return node;
}

}  // namespace

Node decode_wrapped_key(const cps::WrappedKey& key) {
  const bool is_text = !key.id.empty() && printable(text_of(key.id)) == text_of(key.id);
  Node node = branch("key", is_text ? text_of(key.id) : emvcrypto::to_hex(key.id), key.use);
  node.value = key.algorithm;
  if (!key.kcv.empty()) node.value += ", KCV " + emvcrypto::to_hex(key.kcv);
  const std::string kek =
      key.kek +
      (key.kek_kcv.empty() ? "" : fmt::format(" (KCV {})", emvcrypto::to_hex(key.kek_kcv)));
  if (key.method == "static")
    node.note = "is " + kek + " itself";
  else if (key.method == "in-record")
    node.note =
        fmt::format("{} in each record, enciphered under {}", byte_count(key.wrapped.size()), kek);
  else
    node.note =
        fmt::format("{} wrapped by {} under {}", byte_count(key.wrapped.size()), key.method, kek);
  return node;
}

void refuse_open_pans(const Wish& wish, bool test) {
  if (wish.show_pan && !test)
    throw Failure(
        ExitCode::usage,
        "--show-pan is for test data alone: this does not say that it comes from a test job");
}

Node decode_card(const std::vector<cps::Module>& modules, std::uint64_t place,
                 const cps::FileHeader& header, Mask& mask, std::string& fault) {
  mask.forget();
  std::optional<emvcrypto::Expected<cps::Record>> record;
  if (cps::find_module(modules, header.chip_mic)) record = cps::chip_record(header, modules);
  if (record && record->has_value()) learn(mask, **record);
  for (const cps::Module& module : modules) mask.learn_track(text_of(module.content));

  Node node = branch("record", mask.text(text_of(cps::find_module(modules, cps::kReferenceMic))),
                     fmt::format("Record {}", place));
  node.value = mask.text(text_of(cps::find_module(modules, cps::kTypeMic)));
  for (const cps::Module& module : modules) {
    if (module.mic != header.chip_mic) {
      node.add(decode_module(module, mask));
      continue;
    }
    Node chip = branch("chip", module.mic, "");
    chip.value = byte_count(module.content.size());
    if (record->has_value()) {
      chip.children = decode_record(**record, header.keys, mask);
    } else {
      fault = record->error().reason;
      chip.note = "cannot be read: " + fault;
      chip.mood = Node::Mood::warning;
    }
    node.add(std::move(chip));
  }
  return node;
}

void inspect_card_file(std::istream& in, const Wish& wish, TreeWriter& writer) {
  const auto reader = cps::open_card_file(in);
  refuse_open_pans(wish, reader->header().test);
  write_tree(writer, "card-file", [&] {
    writer.section(decode_header(reader->header()));
    Selection selection(wish, kCardsShown);
    Mask mask(wish.show_pan);
    std::string first_fault;
    while (const auto modules = reader->next()) {
      if (!selection.next(text_of(cps::find_module(*modules, cps::kReferenceMic)))) continue;
      std::string fault;
      writer.section(decode_card(*modules, selection.place(), reader->header(), mask, fault));
      if (first_fault.empty() && !fault.empty())
        first_fault = fmt::format("record {}: {}", selection.place(), fault);
    }
    for (const Node& more : selection.rest()) writer.section(more);
    writer.section(decode_trailer(reader->trailer()));
    if (!first_fault.empty()) throw Failure(ExitCode::hold, first_fault);
  });
}

}  // namespace kpd::inspect
