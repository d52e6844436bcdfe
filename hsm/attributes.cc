#include "hsm/attributes.h"

#include <array>
#include <cstring>

namespace hsm {

namespace {

CK_BBOOL* constant(bool value) {
  static std::array<CK_BBOOL, 2> values = {CK_FALSE, CK_TRUE};
  return &values[value ? 1 : 0];
}

/// Whether the answer means "there is no such value to see" rather than a failure.
bool is_absent(CK_RV rv) {
  return rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE;
}

}  // namespace

Attributes& Attributes::flag(CK_ATTRIBUTE_TYPE type, bool value) {
  list_.push_back({type, constant(value), sizeof(CK_BBOOL)});
  return *this;
}

Attributes& Attributes::number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  list_.push_back({type, &numbers_.emplace_back(value), sizeof(CK_ULONG)});
  return *this;
}

Attributes& Attributes::bytes(CK_ATTRIBUTE_TYPE type, ByteView value) {
  list_.push_back({type, input(value), value.size()});
  return *this;
}

void add_usage(Attributes& to, const Usage& usage, CK_OBJECT_CLASS object_class) {
  if (object_class != CKO_PRIVATE_KEY)
    to.flag(CKA_ENCRYPT, usage.encrypt).flag(CKA_WRAP, usage.wrap).flag(CKA_VERIFY, usage.verify);
  if (object_class != CKO_PUBLIC_KEY)
    to.flag(CKA_DECRYPT, usage.decrypt).flag(CKA_UNWRAP, usage.unwrap).flag(CKA_SIGN, usage.sign);
  to.flag(CKA_DERIVE, usage.derive);
  if (object_class == CKO_PRIVATE_KEY) to.flag(CKA_SIGN_RECOVER, false);
  if (object_class == CKO_PUBLIC_KEY) to.flag(CKA_VERIFY_RECOVER, false);
}

std::optional<Bytes> read_bytes(Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  CK_RV rv = session.run(HSM_CALL(C_GetAttributeValue), object, &attribute, CK_ULONG{1});
  if (is_absent(rv) || (rv == CKR_OK && attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION))
    return std::nullopt;
  if (rv != CKR_OK) throw Error("C_GetAttributeValue", rv);
  Bytes value(attribute.ulValueLen);
  attribute.pValue = value.data();
  session.check(HSM_CALL(C_GetAttributeValue), object, &attribute, CK_ULONG{1});
  value.resize(attribute.ulValueLen);
  return value;
}

std::optional<CK_ULONG> read_number(Session& session, CK_OBJECT_HANDLE object,
                                    CK_ATTRIBUTE_TYPE type) {
  CK_ULONG value = 0;
  CK_ATTRIBUTE attribute{type, &value, sizeof(value)};
  const CK_RV rv = session.run(HSM_CALL(C_GetAttributeValue), object, &attribute, CK_ULONG{1});
  if (is_absent(rv)) return std::nullopt;
  if (rv != CKR_OK) throw Error("C_GetAttributeValue", rv);
  return attribute.ulValueLen == sizeof(value) ? std::optional(value) : std::nullopt;
}

bool read_flag(Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_BBOOL value = CK_FALSE;
  CK_ATTRIBUTE attribute{type, &value, sizeof(value)};
  const CK_RV rv = session.run(HSM_CALL(C_GetAttributeValue), object, &attribute, CK_ULONG{1});
  if (!is_absent(rv) && rv != CKR_OK) throw Error("C_GetAttributeValue", rv);
  return rv == CKR_OK && attribute.ulValueLen == sizeof(value) && value != CK_FALSE;
}

std::vector<CK_OBJECT_HANDLE> find_objects(Session& session, Attributes& wanted) {
  session.check(HSM_CALL(C_FindObjectsInit), wanted.data(), wanted.size());
  std::vector<CK_OBJECT_HANDLE> found;
  std::array<CK_OBJECT_HANDLE, 64> some{};
  for (CK_ULONG count = some.size(); count > 0;) {
    session.check(HSM_CALL(C_FindObjects), some.data(), CK_ULONG{some.size()}, &count);
    found.insert(found.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  }
  session.check(HSM_CALL(C_FindObjectsFinal));
  return found;
}

}  // namespace hsm
