/// A CPS record in words: everything one chip gets.
#pragma once

#include <span>

#include "cps/card_file.h"
#include "kpd/inspect/mask.h"
#include "kpd/inspect/node.h"

namespace kpd::inspect {

/// Teaches the mask what the clear DGIs of a record say of PAN and name.
void learn(Mask& mask, const cps::Record& record);

/// The children of a record: its fields and its applications. keys: those of the file's header.
std::vector<Node> decode_record(const cps::Record& record, std::span<const cps::WrappedKey> keys,
                                const Mask& mask);

/// Personalisation device instructions; what is empty is left out (EMV CPS 1.1, 2.5).
std::vector<Node> decode_instructions(const cps::DeviceInstructions& instructions);

/// The head of an application: its AID, with its text as a note when it has one.
Node application_node(ByteView aid);

/// "8000 8010".
std::string dgi_list(std::span<const cps::DgiId> ids);

}  // namespace kpd::inspect
