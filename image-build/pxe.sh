#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Writes a folder that a TFTP and HTTP server can serve to boot nodes from: $OUT/pxe, or PXE, with a README. WORDS are for
# the kernel's command line: where nodes take their configuration from.
set -eu

out=${OUT:-out}
pxe=${PXE:-$out/pxe}
words="$(cat "$(dirname "$0")/kernel-words")${WORDS:+ $WORDS}"
syslinux=$out/stage/syslinux/host/lib/syslinux
# What the owner signed goes before what nobody did.
signed=${SIGNED:-$out/signed}
efi=$signed/berth.efi
if [ -z "$(find "$efi" -newer "$out/images/berth.efi" 2> /dev/null)" ]; then
	efi=$out/images/berth.efi
elif [ -n "${WORDS:-}" ] && [ "$words" != "$(cat "$signed/words" 2> /dev/null)" ]; then
	echo "$efi was signed with other words; sign it with these (make sign KEY=... CERT=... WORDS='$WORDS'), or remove $signed" >&2
	exit 1
fi

mkdir -p "$pxe/pxelinux.cfg"
cp "$out/images/vmlinuz" "$out/images/initrd" "$efi" "$syslinux/pxelinux.0" "$syslinux/lpxelinux.0" \
	"$syslinux/ldlinux.c32" "$pxe/"
# The command line is inside.
if [ -n "${WORDS:-}" ] && [ "$efi" = "$out/images/berth.efi" ]; then
	printf '%s' "$words" > "$pxe/.words"
	"$(dirname "$0")/packages/efi-image/join-pe" "$out/stage/efi-image/host/lib/berth.efi.stub" "$pxe/berth.efi" \
		.cmdline="$pxe/.words" .linux="$out/images/vmlinuz" .initrd="$out/images/initrd"
	rm "$pxe/.words"
fi
cat > "$pxe/pxelinux.cfg/default" <<TXT
SERIAL 0 115200
PROMPT 1
TIMEOUT 20
SAY Berth: Enter boots at once; type failsafe for a root shell on this console.
DEFAULT berth

LABEL berth
    LINUX vmlinuz
    INITRD initrd
    IPAPPEND 2
    APPEND $words

LABEL failsafe
    LINUX vmlinuz
    INITRD initrd
    APPEND $words berth.failsafe
TXT
# iPXE takes "mem=" anywhere in the line, also inside of a longer word, for the limit of what it may load into: no word of ours
# has that.
cat > "$pxe/boot.ipxe" <<TXT
#!ipxe
# The files are beside this one, by TFTP or HTTP.
kernel vmlinuz $words BOOTIF=01-\${net0/mac:hexhyp} initrd=initrd
initrd initrd
boot
TXT
cat > "$pxe/README" <<TXT
Serve this folder by TFTP and, for HTTP boot and iPXE, by HTTP. SERVER is its address.

dnsmasq:

    enable-tftp
    tftp-root=/srv/berth
    dhcp-match=set:efi,option:client-arch,7
    dhcp-match=set:efi,option:client-arch,9
    dhcp-match=set:http,option:client-arch,16
    dhcp-boot=tag:efi,berth.efi
    dhcp-boot=tag:http,http://SERVER/berth.efi
    dhcp-option-force=tag:http,60,HTTPClient
    dhcp-boot=tag:!efi,tag:!http,lpxelinux.0

ISC dhcpd:

    option arch code 93 = unsigned integer 16;
    if option arch = 00:07 or option arch = 00:09 { filename "berth.efi"; }
    elsif option arch = 00:10 { option vendor-class-identifier "HTTPClient"; filename "http://SERVER/berth.efi"; }
    else { filename "lpxelinux.0"; }
    next-server SERVER;

iPXE: chain http://SERVER/boot.ipxe

lpxelinux.0 takes kernel and initrd by HTTP when a prefix says so (DHCP option 210 "http://SERVER/"); pxelinux.0 is
for machines that lpxelinux.0 does not like. A Berth node serves its own network's machines from the folder that
"tftp =" names: see berth.conf(5).

The nodes' command line is:

    $words

To have each node take its configuration from a server (berth-boot(7)), make the folder with words of your own:

    make pxe WORDS='berth.config=http://SERVER/{mac}.conf'
TXT
chmod -R a+rX "$pxe"
echo "$pxe: see $pxe/README"
