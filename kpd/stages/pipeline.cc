#include "kpd/stages/pipeline.h"

#include <algorithm>

#include "kpd/exit_code.h"
#include "kpd/intake/intake.h"
#include "kpd/keys/storage_key.h"
#include "kpd/pool/icc_key_sources.h"
#include "kpd/stages/chunk_line.h"
#include "kpd/stages/emit.h"
#include "kpd/stages/mailer_file.h"
#include "kpd/stages/own_files.h"
#include "kpd/stages/prepare.h"
#include "kpd/stages/reject_file.h"
#include "kpd/stages/sign.h"
#include "kpd/stream/stage_stream.h"

namespace kpd {
namespace {

hsm::Key storage_key(const StageContext& context) {
  return storage_key(context.plan, *context.token);
}

std::unique_ptr<IccKeys> icc_keys_of(const StageContext& context) {
  return open_icc_keys(context.plan, context.token, context.pool, context.factory_path);
}

/// Counts, and tells whoever watches. Stops a run that rejects too much.
class Progress {
 public:
  explicit Progress(const StageContext& context) : context_(context) {}

  void add(const Chunk& chunk) {
    books_.read += chunk.read;
    books_.cards += chunk.cards.size();
    books_.rejects += chunk.rejects.size();
    if (!books_.balanced())
      throw Failure(ExitCode::internal, "the books do not balance: a record was lost on the way");
    if (context_.plan.reject_limit_reached(books_.rejects))
      throw Failure(ExitCode::hold,
                    "more than " + std::to_string(context_.plan.max_rejects) +
                        " records are rejected (max_rejects): look at the input before going on");
    context_.journal.commit_chunk(chunk_++, books_);
    if (context_.progress) context_.progress(books_);
  }

  const Books& books() const { return books_; }

 private:
  const StageContext& context_;
  Books books_;
  std::uint64_t chunk_ = 0;
};

void tell_notes(const StageContext& context, const Intake& intake) {
  if (!context.note) return;
  for (const std::string& note : intake.notes()) context.note(note);
}

/// The next chunk of the intake.
void read_chunk(Intake& intake, Chunk& chunk) {
  while (chunk.cards.size() < Chunk::kSize && chunk.rejects.size() < Chunk::kSize) {
    auto item = intake.next();
    if (!item) break;
    ++chunk.read;
    if (auto* card = std::get_if<pb::Card>(&*item))
      chunk.cards.push_back(std::move(*card));
    else
      chunk.rejects.push_back(std::move(std::get<pb::Reject>(*item)));
  }
}

/// The same from the stage before.
void read_chunk(StageReader& reader, Chunk& chunk) {
  while (chunk.cards.size() < Chunk::kSize && chunk.rejects.size() < Chunk::kSize) {
    auto frame = reader.next();
    if (!frame) break;
    ++chunk.read;
    if (frame->has_card())
      chunk.cards.push_back(std::move(*frame->mutable_card()));
    else
      chunk.rejects.push_back(std::move(*frame->mutable_reject()));
  }
}

/// Rejects in the order of the input, whichever stage they fell out of: since chunks are parts of
/// it, so are the files of all rejects, however the stages cut it.
void sort_rejects(Chunk& chunk) {
  std::ranges::stable_sort(chunk.rejects, {}, [](const auto& reject) { return reject.ordinal(); });
}

/// Cards and rejects in the order of the input.
void write_chunk(StageWriter& writer, Chunk& chunk) {
  sort_rejects(chunk);
  auto reject = chunk.rejects.begin();
  for (const pb::Card& card : chunk.cards) {
    for (; reject != chunk.rejects.end() && reject->ordinal() < card.ordinal(); ++reject)
      writer.write(*reject);
    writer.write(card);
  }
  for (; reject != chunk.rejects.end(); ++reject) writer.write(*reject);
}

pb::End end_of(const Books& books) {
  pb::End end;
  end.set_read(books.read);
  end.set_cards(books.cards);
  end.set_rejects(books.rejects);
  return end;
}

pb::StreamHeader header_for(const StageContext& context, const std::string& stage,
                            const std::string& run) {
  pb::StreamHeader header;
  header.set_stage(stage);
  header.set_run(run);
  header.set_plan_digest(context.plan.digest);
  return header;
}

/// The next chunk, unless somebody wants the run to end.
template <typename Source>
void read_wanted(const StageContext& context, Source& source, Chunk& chunk) {
  const auto require_wanted = [&] {
    if (context.stopped && context.stopped())
      throw Failure(ExitCode::try_again,
                    "stopped before the end: the batch is not made, the files of earlier runs are "
                    "as they were");
  };
  require_wanted();
  try {
    read_chunk(source, chunk);
  } catch (const Failure&) {
    require_wanted();  // the stage before this one was stopped too
    throw;
  }
}

/// All chunks of a source through `work` and `write`, counted. Source: Intake or StageReader.
template <typename Source>
Books run_line(const StageContext& context, Source& source, std::function<void(Chunk&)> work,
               const std::function<void(Chunk&)>& write) {
  Progress progress(context);
  run_chunks(context.workers,
             {[&](Chunk& chunk) { read_wanted(context, source, chunk); }, std::move(work),
              [&](Chunk& chunk) {
                write(chunk);
                progress.add(chunk);
              }});
  return progress.books();
}

/// A stage that writes frames.
template <typename Source>
Books filter(const StageContext& context, Source& source, std::ostream& out,
             pb::StreamHeader header, std::function<void(Chunk&)> work) {
  StageWriter writer(out, std::move(header), *context.token, storage_key(context));
  const Books books =
      run_line(context, source, std::move(work), [&](Chunk& chunk) { write_chunk(writer, chunk); });
  writer.finish(end_of(books));
  return books;
}

/// Card file, reject file and PIN mailers of one batch, which appear together at the end.
class BatchOutput {
 public:
  BatchOutput(const StageContext& context, const std::filesystem::path& card_file,
              const std::string& run, std::uint16_t generation,
              const std::vector<pb::TransportKey>& keys)
      : cards_(card_file), rejects_(reject_file_of(card_file)) {
    if (context.plan.mailer) mailers_.emplace(context.plan, view_of(run));
    std::vector<cps::WrappedKey> wrapped;
    for (const pb::TransportKey& key : keys) wrapped.push_back(to_file_form(key));
    emit_.emplace(context.plan, context.token, context.windows, cards_.stream(), view_of(run),
                  generation, wrapped);
  }

  /// Lays the cards out. Those that cannot be written become rejects of the chunk. Thread-safe.
  void lay_out(Chunk& chunk) { emit_->run(chunk); }

  /// Writes what was laid out.
  void write(Chunk& chunk) {
    emit_->write(chunk);
    sort_rejects(chunk);
    for (const pb::Reject& reject : chunk.rejects) rejects_.write(reject);
    if (!mailers_) return;
    for (const pb::Card& card : chunk.cards) mailers_->write(card);
  }

  BatchResult finish(const StageContext& context, const Books& books) {
    emit_->finish(books.read, books.rejects);
    // All are on the disk before one takes its name. Cards may be made as soon as the card file is
    // there: PINs that nobody else knows must be there before it. Without a new card file the old
    // one stays good, and so do its PINs.
    rejects_.sync();
    cards_.sync();
    if (mailers_) mailers_->replace();
    cards_.commit();
    if (mailers_) mailers_->settle();
    rejects_.commit();
    context.journal.finish(books, emit_->digest());
    return {books, rejects_.by_fault(), emit_->digest(), {}};
  }

 private:
  AtomicFile cards_;
  RejectFile rejects_;
  std::optional<MailerFile> mailers_;
  std::optional<Emit> emit_;
};

}  // namespace

Books ingest(const StageContext& context, std::ostream& out) {
  Intake intake(context.plan);
  tell_notes(context, intake);
  return filter(context, intake, out,
                header_for(context, "ingest", to_field(context.token->random(16))), [](Chunk&) {});
}

Books prepare(const StageContext& context, std::istream& in, std::ostream& out) {
  StageReader reader(in, "ingest", context.plan, *context.token, storage_key(context));
  Prepare stage(context.plan, context.token, context.windows, icc_keys_of(context));
  pb::StreamHeader header = header_for(context, "prepare", reader.header().run());
  for (const pb::TransportKey& key : stage.transport_keys().wrapped)
    *header.add_transport_keys() = key;
  return filter(context, reader, out, std::move(header), [&](Chunk& chunk) { stage.run(chunk); });
}

Books sign(const StageContext& context, std::istream& in, std::ostream& out) {
  StageReader reader(in, "prepare", context.plan, *context.token, storage_key(context));
  Sign stage(context.plan, context.token);
  pb::StreamHeader header = header_for(context, "sign", reader.header().run());
  *header.mutable_transport_keys() = reader.header().transport_keys();
  return filter(context, reader, out, std::move(header), [&](Chunk& chunk) { stage.run(chunk); });
}

BatchResult emit(const StageContext& context, std::istream& in,
                 const std::filesystem::path& card_file) {
  require_own_files(context.plan, batch_files(context.plan, card_file));
  StageReader reader(in, "sign", context.plan, *context.token, storage_key(context));
  const auto& keys = reader.header().transport_keys();
  const std::uint16_t generation =
      context.journal.begin(context.plan.digest, reader.header().run());
  BatchOutput output(context, card_file, reader.header().run(), generation,
                     {keys.begin(), keys.end()});
  const Books books = run_line(
      context, reader, [&](Chunk& chunk) { output.lay_out(chunk); },
      [&](Chunk& chunk) { output.write(chunk); });
  return output.finish(context, books);
}

BatchResult run_batch(const StageContext& context, const std::filesystem::path& card_file) {
  require_own_files(context.plan, batch_files(context.plan, card_file));
  const std::string run = to_field(context.token->random(16));
  const std::uint16_t generation = context.journal.begin(context.plan.digest, run);
  Intake intake(context.plan);
  tell_notes(context, intake);
  Prepare prepare_stage(context.plan, context.token, context.windows, icc_keys_of(context));
  Sign sign_stage(context.plan, context.token);
  BatchOutput output(context, card_file, run, generation, prepare_stage.transport_keys().wrapped);
  const Books books = run_line(
      context, intake,
      [&](Chunk& chunk) {
        prepare_stage.run(chunk);
        sign_stage.run(chunk);
        output.lay_out(chunk);
      },
      [&](Chunk& chunk) { output.write(chunk); });
  BatchResult result = output.finish(context, books);
  result.icc_keys = prepare_stage.icc_key_counts();
  return result;
}

}  // namespace kpd
