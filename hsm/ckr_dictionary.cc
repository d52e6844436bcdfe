#include "hsm/ckr_dictionary.h"

#include <algorithm>
#include <array>

namespace hsm {

namespace {

/// What software tokens call by no other name.
constexpr std::string_view kUnwritable =
    "the device tells no reason; of a software token: can its folder be written, is the disk full?";

/// Return values of PKCS#11 2.40 and 3.0, by value.
constexpr auto kReturnValues = std::to_array<ReturnValue>({
    {0x0, "CKR_OK", "", false},
    {0x1, "CKR_CANCEL", "", false},
    {0x2, "CKR_HOST_MEMORY", "this machine is out of memory", false},
    {0x3, "CKR_SLOT_ID_INVALID", "the slot is gone; start again", true},
    {0x5, "CKR_GENERAL_ERROR", kUnwritable, false},
    {0x6, "CKR_FUNCTION_FAILED", kUnwritable, false},
    {0x7, "CKR_ARGUMENTS_BAD", "", false},
    {0x8, "CKR_NO_EVENT", "", false},
    {0x9, "CKR_NEED_TO_CREATE_THREADS", "", false},
    {0xa, "CKR_CANT_LOCK", "", false},
    {0x10, "CKR_ATTRIBUTE_READ_ONLY", "the device keeps this attribute as it is", false},
    {0x11, "CKR_ATTRIBUTE_SENSITIVE", "", false},
    {0x12, "CKR_ATTRIBUTE_TYPE_INVALID", "", false},
    {0x13, "CKR_ATTRIBUTE_VALUE_INVALID", "", false},
    {0x1b, "CKR_ACTION_PROHIBITED", "", false},
    {0x20, "CKR_DATA_INVALID", "", false},
    {0x21, "CKR_DATA_LEN_RANGE", "", false},
    {0x30, "CKR_DEVICE_ERROR",
     "the device reports a fault of its own; look at it before starting again", true},
    {0x31, "CKR_DEVICE_MEMORY", "the device has no room left", false},
    {0x32, "CKR_DEVICE_REMOVED", "the device is gone; connect it and start again", true},
    {0x40, "CKR_ENCRYPTED_DATA_INVALID", "", false},
    {0x41, "CKR_ENCRYPTED_DATA_LEN_RANGE", "", false},
    {0x42, "CKR_AEAD_DECRYPT_FAILED", "", false},
    {0x50, "CKR_FUNCTION_CANCELED", "", false},
    {0x51, "CKR_FUNCTION_NOT_PARALLEL", "", false},
    {0x54, "CKR_FUNCTION_NOT_SUPPORTED", "", false},
    {0x60, "CKR_KEY_HANDLE_INVALID", "the key is no longer in the device", false},
    {0x62, "CKR_KEY_SIZE_RANGE", "", false},
    {0x63, "CKR_KEY_TYPE_INCONSISTENT", "", false},
    {0x64, "CKR_KEY_NOT_NEEDED", "", false},
    {0x65, "CKR_KEY_CHANGED", "", false},
    {0x66, "CKR_KEY_NEEDED", "", false},
    {0x67, "CKR_KEY_INDIGESTIBLE", "", false},
    {0x68, "CKR_KEY_FUNCTION_NOT_PERMITTED", "the key does not have the usage that this needs",
     false},
    {0x69, "CKR_KEY_NOT_WRAPPABLE", "the device does not let this key leave", false},
    {0x6a, "CKR_KEY_UNEXTRACTABLE", "the key may not leave the device", false},
    {0x70, "CKR_MECHANISM_INVALID", "the device does not have this mechanism", false},
    {0x71, "CKR_MECHANISM_PARAM_INVALID", "", false},
    {0x82, "CKR_OBJECT_HANDLE_INVALID", "the key is no longer in the device", false},
    {0x90, "CKR_OPERATION_ACTIVE", "", false},
    {0x91, "CKR_OPERATION_NOT_INITIALIZED", "", false},
    {0xa0, "CKR_PIN_INCORRECT", "", false},
    {0xa1, "CKR_PIN_INVALID", "", false},
    {0xa2, "CKR_PIN_LEN_RANGE", "", false},
    {0xa3, "CKR_PIN_EXPIRED", "", false},
    {0xa4, "CKR_PIN_LOCKED", "the PIN is locked; the security officer must set a new one", false},
    {0xb0, "CKR_SESSION_CLOSED", "the session with the device is lost; start again", true},
    {0xb1, "CKR_SESSION_COUNT", "the device has no session left; end other programs that use it",
     false},
    {0xb3, "CKR_SESSION_HANDLE_INVALID", "the session with the device is lost; start again", true},
    {0xb4, "CKR_SESSION_PARALLEL_NOT_SUPPORTED", "", false},
    {0xb5, "CKR_SESSION_READ_ONLY", "", false},
    {0xb6, "CKR_SESSION_EXISTS", "", false},
    {0xb7, "CKR_SESSION_READ_ONLY_EXISTS", "", false},
    {0xb8, "CKR_SESSION_READ_WRITE_SO_EXISTS", "", false},
    {0xc0, "CKR_SIGNATURE_INVALID", "", false},
    {0xc1, "CKR_SIGNATURE_LEN_RANGE", "", false},
    {0xd0, "CKR_TEMPLATE_INCOMPLETE", "", false},
    {0xd1, "CKR_TEMPLATE_INCONSISTENT", "", false},
    {0xe0, "CKR_TOKEN_NOT_PRESENT", "the token is gone; insert it and start again", true},
    {0xe1, "CKR_TOKEN_NOT_RECOGNIZED", "the token cannot be read; look at it before starting again",
     true},
    {0xe2, "CKR_TOKEN_WRITE_PROTECTED", "the token is write-protected", false},
    {0xf0, "CKR_UNWRAPPING_KEY_HANDLE_INVALID", "the key is no longer in the device", false},
    {0xf1, "CKR_UNWRAPPING_KEY_SIZE_RANGE", "", false},
    {0xf2, "CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT", "", false},
    {0x100, "CKR_USER_ALREADY_LOGGED_IN", "", false},
    {0x101, "CKR_USER_NOT_LOGGED_IN", "the log-in is lost; start again", true},
    {0x102, "CKR_USER_PIN_NOT_INITIALIZED", "", false},
    {0x103, "CKR_USER_TYPE_INVALID", "", false},
    {0x104, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", "", false},
    {0x105, "CKR_USER_TOO_MANY_TYPES", "", false},
    {0x110, "CKR_WRAPPED_KEY_INVALID", "", false},
    {0x112, "CKR_WRAPPED_KEY_LEN_RANGE", "", false},
    {0x113, "CKR_WRAPPING_KEY_HANDLE_INVALID", "the key is no longer in the device", false},
    {0x114, "CKR_WRAPPING_KEY_SIZE_RANGE", "", false},
    {0x115, "CKR_WRAPPING_KEY_TYPE_INCONSISTENT", "", false},
    {0x120, "CKR_RANDOM_SEED_NOT_SUPPORTED", "", false},
    {0x121, "CKR_RANDOM_NO_RNG", "", false},
    {0x130, "CKR_DOMAIN_PARAMS_INVALID", "", false},
    {0x140, "CKR_CURVE_NOT_SUPPORTED", "", false},
    {0x150, "CKR_BUFFER_TOO_SMALL", "", false},
    {0x160, "CKR_SAVED_STATE_INVALID", "", false},
    {0x170, "CKR_INFORMATION_SENSITIVE", "", false},
    {0x180, "CKR_STATE_UNSAVEABLE", "", false},
    {0x190, "CKR_CRYPTOKI_NOT_INITIALIZED",
     "the library was shut down by another part of this program", true},
    {0x191, "CKR_CRYPTOKI_ALREADY_INITIALIZED", "", false},
    {0x1a0, "CKR_MUTEX_BAD", "", false},
    {0x1a1, "CKR_MUTEX_NOT_LOCKED", "", false},
    {0x1b0, "CKR_NEW_PIN_MODE", "", false},
    {0x1b1, "CKR_NEXT_OTP", "", false},
    {0x1c0, "CKR_EXCEEDED_MAX_ITERATIONS", "", false},
    {0x1c1, "CKR_FIPS_SELF_TEST_FAILED", "", false},
    {0x1c2, "CKR_LIBRARY_LOAD_FAILED", "", false},
    {0x1c3, "CKR_PIN_TOO_WEAK", "", false},
    {0x1c4, "CKR_PUBLIC_KEY_INVALID", "", false},
    {0x200, "CKR_FUNCTION_REJECTED", "", false},
    {0x202, "CKR_OPERATION_CANCEL_FAILED", "", false},
});

}  // namespace

const ReturnValue* find_return_value(unsigned long rv) {
  const auto* entry = std::ranges::find(kReturnValues, rv, &ReturnValue::value);
  return entry == kReturnValues.end() ? nullptr : entry;
}

}  // namespace hsm
