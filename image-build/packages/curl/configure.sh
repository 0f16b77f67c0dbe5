# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# HTTP, HTTPS, TFTP and nothing else. No certificates are built in: who calls it names those that it trusts.
without=
for feature in alt-svc ares aws basic-auth bearer-auth bindlocal ca-search cookies dateparse debug dependency-tracking dict \
	digest-auth dnsshuffle docs doh ech file form-api ftp get-easy-options gopher headers-api hsts httpsrr imap \
	ipfs kerberos-auth ldap ldaps libcurl-option manual mime mqtt negotiate-auth netrc ntlm pop3 progress-meter proxy \
	rtsp sha512-256 shared smb smtp socketpair ssls-export telnet tls-srp unix-sockets websockets; do
	without="$without --disable-$feature"
done
for library in brotli ca-bundle ca-fallback ca-path fish-functions-dir libgsasl libidn2 libpsl librtmp libssh libssh2 nghttp2 \
	ngtcp2 nghttp3 zlib zsh-functions-dir zstd; do
	without="$without --without-$library"
done
# The list is several words.
# shellcheck disable=SC2086
./configure --host=x86_64-linux-musl --prefix=/usr --enable-static --with-mbedtls="$DEP_mbedtls/sysroot" $without \
	CC="$TARGET_CC" CFLAGS="$TARGET_PIE_CFLAGS" LDFLAGS="$TARGET_PIE_LDFLAGS"
