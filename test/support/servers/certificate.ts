/**
 * A certificate for 127.0.0.1 that signs itself, valid until 2120, and its key. It protects nothing: both are public.
 *
 *     openssl ca -selfsign with subjectAltName=IP:127.0.0.1 and basicConstraints=CA:TRUE
 */

export const test_key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZcSdp2+KrcAvuly0
YlREFQi2gBdDZYF8zCAjF/vGC5ChRANCAARtoGOzImU0AXNKfNAyQh9ZS+i2zwx9
EXBDr6QPqd+4R+qKCQjbPG+9hL1cmksQiNEqhbdb1rDYmwZvVbkfT43E
-----END PRIVATE KEY-----
`;

export const test_certificate = `-----BEGIN CERTIFICATE-----
MIIBZTCCAQqgAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA10YWxseW1h
biB0ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYD
VQQDDA10YWxseW1hbiB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbaBj
syJlNAFzSnzQMkIfWUvots8MfRFwQ6+kD6nfuEfqigkI2zxvvYS9XJpLEIjRKoW3
W9aw2JsGb1W5H0+NxKNDMEEwDwYDVR0RBAgwBocEfwAAATAPBgNVHRMBAf8EBTAD
AQH/MB0GA1UdDgQWBBTt2qIJ6T53zgEe9PN+iybsnGo0mTAKBggqhkjOPQQDAgNJ
ADBGAiEA1YB0I+ADdIdkd44Z2bHRY9WxcHuE3Kw+o9t8n5YfxmACIQD0Qmrbn6P7
fCVrrgtcFAEskAeoVVFs1RnFlba4xICexA==
-----END CERTIFICATE-----
`;
