/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libvirt's clients read a byte right after the handshake, and stop at a session ticket in its
 * place: the library is built without tickets. A client without a certificate that the CA has
 * signed, that is valid now and not on the revocation list does not get through the handshake.
 */
#include "tls/credentials.h"

#include <stdio.h>

#include <mbedtls/error.h>
#include <psa/crypto.h>

struct complaint {
	char *why;
	size_t room;
};

/* The result of a call of the library; what it means goes to `why`. */
static int check(const struct complaint *complaint, int result, const char *what, const char *file)
{
	char reason[128];

	if (!result)
		return 0;
	if (result > 0)
		snprintf(reason, sizeof(reason), "%d of its parts cannot be read", result);
	else
		mbedtls_strerror(result, reason, sizeof(reason));
	snprintf(complaint->why, complaint->room, "cannot use the %s%s%s: %s", what,
	    file ? " " : "", file ? file : "", reason);
	return -1;
}

static int read_files(struct credentials *credentials, const struct credentials_files *files,
    const struct complaint *complaint)
{
	if (check(complaint, mbedtls_x509_crt_parse_file(&credentials->ca, files->ca),
		"certificate of the CA in", files->ca) ||
	    check(complaint,
		mbedtls_x509_crt_parse_file(&credentials->certificate, files->certificate),
		"node's certificate in", files->certificate) ||
	    check(complaint,
		mbedtls_pk_parse_keyfile(&credentials->key, files->key, NULL,
		    mbedtls_ctr_drbg_random, &credentials->random),
		"node's key in", files->key) ||
	    check(complaint,
		mbedtls_pk_check_pair(&credentials->certificate.pk, &credentials->key,
		    mbedtls_ctr_drbg_random, &credentials->random),
		"node's key, which is not its certificate's, in", files->key))
		return -1;
	return files->crl
		   ? check(complaint, mbedtls_x509_crl_parse_file(&credentials->crl, files->crl),
			 "revocation list in", files->crl)
		   : 0;
}

int credentials_init(
    struct credentials *credentials, const struct credentials_files *files, char *why, size_t room)
{
	static const char personality[] = "berth-tls";
	const struct complaint complaint = { why, room };
	mbedtls_ssl_config *config = &credentials->config;

	mbedtls_entropy_init(&credentials->entropy);
	mbedtls_ctr_drbg_init(&credentials->random);
	mbedtls_x509_crt_init(&credentials->ca);
	mbedtls_x509_crl_init(&credentials->crl);
	mbedtls_x509_crt_init(&credentials->certificate);
	mbedtls_pk_init(&credentials->key);
	mbedtls_ssl_config_init(config);
	if (check(&complaint, psa_crypto_init(), "TLS library", NULL) ||
	    check(&complaint,
		mbedtls_ctr_drbg_seed(&credentials->random, mbedtls_entropy_func,
		    &credentials->entropy, (const unsigned char *)personality, sizeof(personality)),
		"source of random numbers", NULL) ||
	    read_files(credentials, files, &complaint) ||
	    check(&complaint,
		mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_SERVER,
		    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
		"TLS library", NULL) ||
	    check(&complaint,
		mbedtls_ssl_conf_own_cert(config, &credentials->certificate, &credentials->key),
		"node's certificate in", files->certificate))
		return -1;
	mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &credentials->random);
	mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(config, &credentials->ca, files->crl ? &credentials->crl : NULL);
	return 0;
}

void credentials_done(struct credentials *credentials)
{
	mbedtls_ssl_config_free(&credentials->config);
	mbedtls_pk_free(&credentials->key);
	mbedtls_x509_crt_free(&credentials->certificate);
	mbedtls_x509_crl_free(&credentials->crl);
	mbedtls_x509_crt_free(&credentials->ca);
	mbedtls_ctr_drbg_free(&credentials->random);
	mbedtls_entropy_free(&credentials->entropy);
	mbedtls_psa_crypto_free();
}
