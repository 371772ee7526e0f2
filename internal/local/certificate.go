package local

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
)

// certificateDomain marks the emulated account's certificate; ".invalid" is
// reserved for names that never resolve (RFC 2606).
const certificateDomain = "local.evenkeel.invalid"

// certificate returns the ARN of the emulated account's certificate and
// imports one first when there is none, so that a second deployment finds the
// same one and changes nothing.
func (s *session) certificate(ctx context.Context) (string, error) {
	client := acm.NewFromConfig(s.awsConfig())
	list, err := client.ListCertificates(ctx, &acm.ListCertificatesInput{})
	if err != nil {
		return "", fmt.Errorf("look for the emulated certificate: %w", err)
	}
	for _, c := range list.CertificateSummaryList {
		if aws.ToString(c.DomainName) == certificateDomain {
			return aws.ToString(c.CertificateArn), nil
		}
	}
	cert, key, err := selfSigned(certificateDomain)
	if err != nil {
		return "", fmt.Errorf("make the emulated certificate: %w", err)
	}
	out, err := client.ImportCertificate(ctx, &acm.ImportCertificateInput{Certificate: cert, PrivateKey: key})
	if err != nil {
		return "", fmt.Errorf("import the emulated certificate: %w", err)
	}
	return aws.ToString(out.CertificateArn), nil
}

// selfSigned makes a certificate that is good for a day, longer than any
// emulator is kept, and its key, both in PEM.
func selfSigned(domain string) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: domain}, DNSNames: []string{domain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), nil
}
