/* SPDX-License-Identifier: GPL-2.0-only */
/* The node's certificate and key, and those whose certificates it takes. Read once, as root. */
#ifndef BERTH_TLS_CREDENTIALS_H
#define BERTH_TLS_CREDENTIALS_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>

struct credentials_files {
	const char *ca;
	const char *certificate;
	const char *key;
	const char *crl; /* or NULL */
};

struct credentials {
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context random;
	mbedtls_x509_crt ca;
	mbedtls_x509_crl crl;
	mbedtls_x509_crt certificate;
	mbedtls_pk_context key;
	mbedtls_ssl_config config;
};

/* 0 or -1 with the reason in `why`; credentials_done is to be called in any case. */
int credentials_init(
    struct credentials *credentials, const struct credentials_files *files, char *why, size_t room);
void credentials_done(struct credentials *credentials);

#endif
