#include "kpd/certificates/job_certificates.h"

#include "kpd/certificates/certificate_register.h"
#include "kpd/certificates/certificate_store.h"
#include "kpd/certificates/test_keys.h"

namespace kpd {

namespace {

void claim(const std::filesystem::path& area, const Plan& plan, bool used) {
  std::vector<SerialRange> ranges;
  for (const IssuerPlan& issuer : plan.issuers)
    if (issuer.serial_count != 0)
      ranges.push_back({key_fingerprint(issuer.key), issuer.name, issuer.serial_base,
                        issuer.serial_base + issuer.serial_count - 1, plan.job, plan.digest,
                        plan.date.iso(), used});
  if (!ranges.empty()) CertificateRegister::open(area / kCertificateRegister).claim(ranges);
}

}  // namespace

void claim_serials(const std::filesystem::path& area, const Plan& plan) {
  claim(area, plan, false);
}

void use_serials(const std::filesystem::path& area, const Plan& plan) {
  claim(area, plan, true);
}

}  // namespace kpd
