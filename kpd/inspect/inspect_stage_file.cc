#include "kpd/inspect/inspect_stage_file.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/inspect/inspect_card_file.h"
#include "kpd/inspect/stage_head.h"
#include "kpd/keys/storage_key.h"
#include "kpd/stages/chunk.h"
#include "kpd/stream/stage_stream.h"

namespace kpd::inspect {
namespace {

Node decode_end(const pb::End& end) {
  Node node = branch("trailer", "", "End");
  node.add(field("read", "read", std::to_string(end.read())));
  node.add(field("cards", "cards", std::to_string(end.cards()), "as in the file"));
  node.add(field("rejects", "rejects", std::to_string(end.rejects()), "as in the file"));
  return node;
}

}  // namespace

Node decode_reject(const pb::Reject& reject, std::uint64_t place) {
  const Mask mask;  // no PAN is in there; a damaged reason must not show one either
  Node node = branch("reject", mask.text(reject.record_id()), fmt::format("Record {}", place));
  node.value = "rejected";
  node.note = fmt::format("line {} of the input", reject.line());
  node.mood = Node::Mood::warning;
  if (!reject.field().empty()) node.add(field("field", "field", reject.field()));
  node.add(field("fault", "fault", reject.fault()));
  node.add(field("reason", "reason", mask.text(reject.reason())));
  node.add(field("stage", "stage", reject.stage()));
  if (!reject.source().empty()) node.add(field("source", "source", mask.text(reject.source())));
  return node;
}

void inspect_stage_head(std::istream& in, const Wish& wish, TreeWriter& writer) {
  const pb::StreamHeader header = read_stage_head(in);
  if (!wish.record.empty() || wish.show_pan || wish.all)
    throw Failure(ExitCode::usage, "the records of a stage file are sealed: --job JOB opens them");
  write_tree(writer, "stage-file", [&] {
    writer.section(decode_stage_head(header));
    Node sealed = branch("sealed", "", "Records are sealed");
    sealed.value = "--job JOB opens them with the job's storage key";
    writer.section(sealed);
  });
}

void inspect_stage_file(std::istream& in, const Plan& plan, hsm::Token& token, const Wish& wish,
                        TreeWriter& writer) {
  refuse_open_pans(wish, plan.test);
  const std::string stage = read_stage_head(in).stage();
  in.clear();
  in.seekg(0);
  StageReader reader(in, stage, plan, token, storage_key(plan, token));
  write_tree(writer, "stage-file", [&] {
    writer.section(decode_stage_head(reader.header()));
    Selection selection(wish, kCardsShown);
    Mask mask(wish.show_pan);
    while (const auto frame = reader.next()) {
      const std::string id(frame->has_card() ? field_of(frame->card(), plan.roles.record_id)
                                             : std::string_view(frame->reject().record_id()));
      if (!selection.next(id)) continue;
      writer.section(frame->has_card() ? decode_stage_card(frame->card(), selection.place(), plan,
                                                           reader.header(), mask)
                                       : decode_reject(frame->reject(), selection.place()));
    }
    for (const Node& more : selection.rest()) writer.section(more);
    writer.section(decode_end(reader.end()));
  });
}

}  // namespace kpd::inspect
