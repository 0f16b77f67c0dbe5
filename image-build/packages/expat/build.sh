# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# Its three files, without what these programs do not use: namespaces and document types. The source as released has no
# configure script, and what that would find out is known of musl.
cat > expat_config.h << 'END'
#define BYTEORDER 1234
#define HAVE_GETRANDOM 1
#define XML_CONTEXT_BYTES 1024
END
# As our own programs are built: documents are small and rare, so that its size counts, not its speed. The tables that
# it would jump by are 2.7 KB.
SMALLER="-Oz -fno-caller-saves -fno-jump-tables -malign-data=abi"
for part in xmlparse xmlrole xmltok; do
	# The flags are several words.
	# shellcheck disable=SC2086
	"$TARGET_CC" $TARGET_PIE_CFLAGS $SMALLER -DXML_MIN_SIZE -I. -c "expat/lib/$part.c" -o "$part.o"
done
ar rcs libexpat.a xmlparse.o xmlrole.o xmltok.o
