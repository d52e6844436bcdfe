/// What the commands of `kpd ca` share.
#pragma once

#include "kpd/area/scheme_ca.h"
#include "kpd/certificates/scheme_format.h"
#include "kpd/commands/cert_options.h"

namespace kpd {

/// A CA key whose pair is in the test CA's token.
struct TestCaKey {
  StoredCaKey stored;
  std::string label;
};

/// The test CA of a work area, its token open.
class TestCa {
 public:
  /// Throws Failure(usage) for an area that is not one for tests.
  TestCa(const AreaOptions& options, const Invocation& invocation);
  TestCa(Area of, std::unique_ptr<hsm::PinSource> from);

  Area area;
  std::unique_ptr<hsm::PinSource> pins;
  std::shared_ptr<hsm::Token> token;

  std::vector<TestCaKey> keys() const;
  /// The key of this name; without name the one of this RID. Throws Failure(usage).
  TestCaKey key(const std::string& name, ByteView rid) const;
  /// Writes the area's list of test keys anew: every key of this CA, and what stood there.
  void list_test_keys() const;
};

/// Throws Failure(usage) for an area that is not one for tests.
void require_test_area(const Area& area);

/// Makes a key pair of the test CA with its file, and puts it into the list of test keys. Throws
/// Failure(usage) for an index that is not kept for tests, or in use under this RID.
void make_ca_key(TestCa& ca, const TestAuthority& authority);

}  // namespace kpd
