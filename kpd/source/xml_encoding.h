/// Encodings of one byte a character that an XML document may declare.
#pragma once

#include <expat.h>

namespace kpd {

/// An XML_UnknownEncodingHandler (expat.h): any encoding of iconv with one byte a character.
int xml_encoding(void* data, const char* name, XML_Encoding* encoding);

}  // namespace kpd
