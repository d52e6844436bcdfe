/// Attribute templates and the attributes of objects. Internal to hsm.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "hsm/session.h"

namespace hsm {

/// A template for making, finding or changing objects. Numbers and flags are kept here; bytes stay
/// with the caller, so that a secret value is not copied.
class Attributes {
 public:
  Attributes& flag(CK_ATTRIBUTE_TYPE type, bool value);
  Attributes& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  Attributes& bytes(CK_ATTRIBUTE_TYPE type, ByteView value);

  CK_ATTRIBUTE* data() { return list_.data(); }
  CK_ULONG size() const { return list_.size(); }

 private:
  std::vector<CK_ATTRIBUTE> list_;
  std::deque<CK_ULONG> numbers_;
};

/// What a key may do, each usage said: true or false. Private keys know no encrypt, wrap, verify;
/// public keys no decrypt, unwrap, sign, derive.
void add_usage(Attributes& to, const Usage& usage, CK_OBJECT_CLASS object_class);

/// One attribute of an object; nothing when the object has none or keeps it to itself. Throws Error
/// on any other failure.
std::optional<Bytes> read_bytes(Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
std::optional<CK_ULONG> read_number(Session& session, CK_OBJECT_HANDLE object,
                                    CK_ATTRIBUTE_TYPE type);
/// False when the object has no such attribute.
bool read_flag(Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

/// Handles of all objects that fit the template.
std::vector<CK_OBJECT_HANDLE> find_objects(Session& session, Attributes& wanted);

}  // namespace hsm
