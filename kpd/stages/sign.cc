#include "kpd/stages/sign.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/stages/terminal_view.h"

namespace kpd {
namespace {

void set_signed(const ApplicationPlan& plan, pb::Application& values, Signed kind, ByteView value) {
  for (std::size_t i = 0; i < plan.elements.size(); ++i)
    if (plan.elements[i].made_by_signing == kind)
      values.set_elements(static_cast<int>(i), to_field(value));
}

Bytes exponent_bytes(unsigned exponent) {
  return exponent == 3 ? Bytes{0x03} : Bytes{0x01, 0x00, 0x01};
}

}  // namespace

/// One block to sign, and what is needed to check it afterwards.
struct Sign::Job {
  std::size_t card = 0, application = 0;
  Signed kind = Signed::none;  ///< ssad, icc_certificate or pin_certificate
  Bytes block;
  Bytes remainder;
  Bytes static_data;
  emvcrypto::RsaPublicKey key;  ///< certified
};

Sign::Sign(const Plan& plan, std::shared_ptr<hsm::Token> token) : plan_(plan) {
  for (const IssuerPlan& issuer : plan_.issuers) {
    signers_.push_back(std::make_unique<HsmSigner>(token, issuer.key_uri));
    const auto recovered = emvcrypto::recover_issuer_certificate(
        issuer.ca, issuer.certificate, issuer.remainder, issuer.key.exponent);
    if (!recovered || recovered->key.modulus != signers_.back()->public_key().modulus)
      throw Failure(ExitCode::hold, "the certificate of issuer '" + issuer.name +
                                        "' does not fit its key in the token");
    issuer_keys_.push_back(recovered->key);
  }
}

void Sign::run(Chunk& chunk) {
  ChunkFaults faults(chunk);
  std::vector<std::vector<Job>> jobs(plan_.issuers.size());
  std::vector<StaticData> signed_data;
  collect(chunk, faults, jobs, signed_data);
  for (std::size_t issuer = 0; issuer < jobs.size(); ++issuer) {
    if (jobs[issuer].empty()) continue;
    std::vector<Bytes> blocks;
    blocks.reserve(jobs[issuer].size());
    for (const Job& job : jobs[issuer]) blocks.push_back(job.block);
    place(chunk, issuer, jobs[issuer], signers_[issuer]->sign_raw(blocks));
  }
  lay_out(chunk, faults);
  check_signed(chunk, faults, signed_data);
  faults.apply(chunk, plan_, "sign");
}

void Sign::collect(const Chunk& chunk, ChunkFaults& faults, std::vector<std::vector<Job>>& jobs,
                   std::vector<StaticData>& signed_data) const {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    const pb::Card& card = chunk.cards[i];
    const auto& applications = plan_.cards[card.card()].applications;
    for (std::size_t a = 0; a < applications.size() && !faults.has(i); ++a) {
      const ApplicationPlan& application = applications[a];
      if (!application.issuer) continue;
      const IssuerPlan& issuer = plan_.issuers[*application.issuer];
      const pb::Application& values = card.applications(static_cast<int>(a));
      const std::string_view pan = field_of(card, plan_.roles.pan);
      if (!emvcrypto::issuer_id_matches(issuer.issuer_id, pan)) {
        faults.set(i, plan_.fields[plan_.roles.pan].name,
                   {"issuer", "the PAN does not belong to the issuer '" + issuer.name + "'"});
        break;
      }
      const auto last_day = emvcrypto::parse_yymm_end(field_of(card, plan_.roles.expiry));
      if (!last_day || *last_day > issuer.last_day) {
        faults.set(i, plan_.fields[plan_.roles.expiry].name,
                   {"issuer-expiry", "the card would outlive the certificate of issuer '" +
                                         issuer.name + "' (" + issuer.last_day.iso() + ")"});
        break;
      }
      emvcrypto::Expected<Bytes> data;
      if (application.sda || application.icc_key) {
        data = static_data_as_read(application, values, clear_dgis(application, values));
        if (!data) {
          faults.set(i, "", data.error());
          break;
        }
        signed_data.push_back({i, a, *data});
      }
      const auto certify = [&](const std::string& modulus, const RsaPairPlan& pair, Signed kind,
                               ByteView covered, int which) {
        const auto serial = certificate_serial(issuer, card.ordinal(), which);
        if (!serial)
          throw Failure(ExitCode::usage,
                        fmt::format("the certificate serials of issuer '{}' are used up: give the "
                                    "job more (serial_count, serial_base) or take another issuer "
                                    "key",
                                    issuer.name));
        Job job{i, a, kind, {}, {}, Bytes(covered.begin(), covered.end()), {}};
        job.key = {Bytes(modulus.begin(), modulus.end()), exponent_bytes(pair.exponent)};
        auto made = emvcrypto::icc_certificate_block(
            {emvcrypto::compressed_numeric(pan, 10), emvcrypto::from_hex(last_day->mmyy()), *serial,
             job.key},
            covered, issuer_keys_[*application.issuer].size());
        job.block = std::move(made.block);
        job.remainder = std::move(made.remainder);
        jobs[*application.issuer].push_back(std::move(job));
      };
      if (application.sda)
        jobs[*application.issuer].push_back(
            {i,
             a,
             Signed::ssad,
             emvcrypto::ssad_block(application.data_authentication_code, *data,
                                   issuer_keys_[*application.issuer].size()),
             {},
             *data,
             {}});
      if (application.icc_key)
        certify(values.icc_modulus(), *application.icc_key, Signed::icc_certificate, *data, 0);
      if (application.pin_key)
        certify(values.pin_modulus(), *application.pin_key, Signed::pin_certificate, {}, 1);
    }
  }
}

void Sign::place(Chunk& chunk, std::size_t issuer, const std::vector<Job>& jobs,
                 const std::vector<Bytes>& signatures) const {
  const auto defect = [&](const Job& job, const std::string& reason) {
    return Failure(ExitCode::internal,
                   fmt::format("the signature made for record at line {} does not verify ({}): the "
                               "device or the issuer key '{}' is not sound; nothing was written",
                               chunk.cards[job.card].line(), reason, plan_.issuers[issuer].name));
  };
  for (std::size_t n = 0; n < jobs.size(); ++n) {
    const Job& job = jobs[n];
    pb::Card& card = chunk.cards[job.card];
    const ApplicationPlan& application = plan_.cards[card.card()].applications[job.application];
    pb::Application& values = *card.mutable_applications(static_cast<int>(job.application));
    set_signed(application, values, job.kind, signatures[n]);
    if (job.kind == Signed::ssad) {
      const auto code =
          emvcrypto::recover_ssad(issuer_keys_[issuer], signatures[n], job.static_data);
      if (!code) throw defect(job, code.error().reason);
      continue;
    }
    const bool icc = job.kind == Signed::icc_certificate;
    set_signed(application, values, icc ? Signed::icc_remainder : Signed::pin_remainder,
               job.remainder);
    const auto certificate = emvcrypto::recover_icc_certificate(
        issuer_keys_[issuer], signatures[n], job.remainder, job.key.exponent, job.static_data);
    if (!certificate) throw defect(job, certificate.error().reason);
    if (certificate->key.modulus != job.key.modulus) throw defect(job, "another key came back");
  }
}

}  // namespace kpd
